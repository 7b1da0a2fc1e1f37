//! Frames that tell which they are, and whether they are whole.

use crate::CAPACITY;

/// Large Frames of all lengths, so that nearly every moment of a writer is in the middle of one, and every
/// tenth a small one, so that they start everywhere.
pub(crate) fn length_of(serial: u64) -> usize {
    let random = (serial.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as usize;
    let longest = if serial.is_multiple_of(10) {
        40
    } else {
        CAPACITY / 2 - 8
    };
    16 + random % (longest - 16)
}

/// Serial number, filling, checksum of both. The filling changes from Frame to Frame everywhere.
pub(crate) fn payload_of(serial: u64) -> Vec<u8> {
    let length = length_of(serial);
    let mut bytes = serial.to_le_bytes().to_vec();
    bytes.extend((0..length - 16).map(|at| (serial as usize * 7 + at * 13) as u8));
    bytes.extend(checksum(&bytes).to_le_bytes());
    bytes
}

pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The serial number of a payload that is whole.
pub(crate) fn serial_of(payload: &[u8]) -> u64 {
    let (rest, sum) = payload.split_last_chunk().unwrap();
    assert_eq!(checksum(rest), u64::from_le_bytes(*sum), "a torn frame");
    let serial = u64::from_le_bytes(*rest.first_chunk().unwrap());
    assert_eq!(payload.len(), length_of(serial));
    serial
}
