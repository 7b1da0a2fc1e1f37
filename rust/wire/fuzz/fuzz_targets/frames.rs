//! A peer gone mad: whatever bytes a Frame holds, decoding them is an answer or `Corrupt`, and every part
//! that is handed out lies inside the bytes.
#![no_main]

use ferrofunc_wire::{Body, InvokeHead, LogLine, Note, OutcomeView, Part};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    if let Ok(head) = InvokeHead::decode(payload) {
        let parts = head.method(payload).len() + head.target(payload).len();
        let fields: usize = (0..head.fields)
            .map(|index| {
                let (name, value) = head.field(payload, index);
                name.len().max(value.len())
            })
            .max()
            .unwrap_or_default();
        let params: usize = head
            .route_params(payload)
            .map(|(name, value)| name.len() + value.len())
            .sum();
        assert!(parts <= 2 * payload.len() && fields <= payload.len() && params <= payload.len());
        if let Body::Inline(bytes) = head.body(payload) {
            assert!(bytes.len() <= payload.len());
        }
    }
    if let Ok(outcome) = OutcomeView::decode(payload) {
        let fields: usize = outcome
            .fields()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        assert!(fields <= payload.len());
    }
    if let Ok(Part {
        body: Body::Inline(bytes),
        ..
    }) = Part::decode(payload)
    {
        assert!(bytes.len() <= payload.len());
    }
    if let Ok(Body::Inline(bytes)) = Body::decode_alone(payload) {
        assert!(bytes.len() <= payload.len());
    }
    if let Ok(note) = Note::decode(payload) {
        assert!(payload.starts_with(&note.encode()));
    }
    if let Ok(line) = LogLine::decode(payload) {
        assert!(line.text.len() + line.category.len() <= payload.len());
    }
});
