//! One TLS connection over a socket in memory, of any narrowness, against rustls's own client.

mod support;

use std::io::{ErrorKind, IoSlice, Read, Write};
use std::sync::Arc;

use ferrofunc_tls::{Acceptor, Certificate, Stream};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use support::{End, Folder, socket};

/// A server's stream and a client that trusts it.
struct Both {
    server: Stream<End>,
    client: ClientConnection,
    /// The client's end of the socket.
    end: End,
    _folder: Folder,
}

fn both(room: usize) -> Both {
    let folder = Folder::new();
    let certificate = Certificate::self_signed(folder.path()).expect("a certificate");
    let file = certificate.path().expect("it is kept").to_owned();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(file).expect("PEM"))
        .expect("an anchor");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let acceptor = Acceptor::new(certificate, |_| {}).expect("an acceptor");
    let (end, server_end) = socket(room);
    Both {
        server: acceptor.accept(server_end).expect("a stream"),
        client,
        end,
        _folder: folder,
    }
}

impl Both {
    /// Lets the client send and receive what it can.
    fn serve_client(&mut self) {
        while self.client.wants_write() {
            match self.client.write_tls(&mut self.end) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        while let Ok(count) = self.client.read_tls(&mut self.end) {
            self.client.process_new_packets().expect("valid records");
            if count == 0 {
                break;
            }
        }
    }

    /// What the server can read now; None if it has come to the end.
    fn read_server(&mut self, size: usize) -> Option<Vec<u8>> {
        let mut room = vec![0; size];
        let mut all = Vec::new();
        loop {
            match self.server.read(&mut room) {
                Ok(0) => return None,
                Ok(count) => all.extend_from_slice(&room[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Some(all),
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn read_client(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        match self.client.reader().read_to_end(&mut all) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("{error}"),
        }
        all
    }

    fn shake_hands(&mut self) {
        while self.server.is_handshaking() || self.client.is_handshaking() {
            self.serve_client();
            assert_eq!(self.read_server(64), Some(Vec::new()));
            self.server.try_flush().expect("an open socket");
        }
        self.serve_client();
    }
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 251) as u8).collect()
}

#[test]
fn a_handshake_takes_any_number_of_turns() {
    for room in [1, 7, 100, 1 << 20] {
        let mut both = both(room);
        assert!(both.server.is_handshaking());
        both.shake_hands();
        assert!(!both.server.is_handshaking());
    }
}

#[test]
fn nothing_is_written_before_the_handshake() {
    let mut both = both(1 << 20);
    let error = both.server.write(b"early").expect_err("not yet");
    assert_eq!(error.kind(), ErrorKind::NotConnected);
}

#[test]
fn uploads_arrive_whole() {
    for (room, size) in [(1, 3), (5, 1), (1000, 100), (20_000, 70_000), (1 << 20, 16)] {
        let mut both = both(room);
        both.shake_hands();
        let sent = pattern(50_000);
        let mut unsent = &sent[..];
        let mut received = Vec::new();
        while received.len() < sent.len() {
            let taken = both.client.writer().write(unsent).expect("a client");
            unsent = &unsent[taken..];
            both.serve_client();
            received.extend(both.read_server(size).expect("no end yet"));
        }
        assert!(received == sent, "room {room}, size {size}");
    }
}

#[test]
fn drained_means_that_nothing_is_held() {
    let mut both = both(1 << 20);
    both.shake_hands();
    let sent = pattern(30_000);
    let taken = both.client.writer().write(&sent).expect("a client");
    both.serve_client();
    let mut received = Vec::new();
    let mut room = [0; 1000];
    while received.len() < taken {
        let count = both.server.read(&mut room).expect("there is more");
        received.extend_from_slice(&room[..count]);
        assert!(!both.server.is_drained() || received.len() == taken);
    }
    assert!(both.server.is_drained());
    assert_eq!(received, sent[..taken]);
    let error = both.server.read(&mut room).expect_err("nothing is left");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[test]
fn downloads_are_written_once_and_whole() {
    for room in [1, 100, 3000, 70_000, 1 << 20] {
        let mut both = both(room);
        both.shake_hands();
        let body = pattern(200_000);
        let (mut sent, mut received) = (0, Vec::new());
        while received.len() < body.len() {
            // As the output does: the same bytes first, in slices that may differ from time to time.
            let rest = &body[sent..];
            let (one, two) = rest.split_at(rest.len() / 3);
            match both
                .server
                .write_vectored(&[IoSlice::new(one), IoSlice::new(two)])
            {
                Ok(count) => sent += count,
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            both.serve_client();
            received.extend(both.read_client());
            both.server.try_flush().expect("an open socket");
        }
        both.serve_client();
        received.extend(both.read_client());
        assert!(received == body, "room {room}");
        while sent < body.len() {
            sent += both.server.write(&body[sent..]).expect("room enough");
        }
    }
}

#[test]
fn what_is_not_in_the_kernel_is_not_written() {
    let mut both = both(5000);
    both.shake_hands();
    let body = pattern(1 << 20);
    let mut sent = 0;
    // Nobody reads: the socket fills, and then nothing moves.
    loop {
        match both.server.write(&body[sent..]) {
            Ok(count) => sent += count,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                break;
            }
        }
    }
    assert!(0 < sent && sent <= both.end.waiting(), "{sent}");
    let error = both.server.write(&body[sent..]).expect_err("still full");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[test]
fn the_end_is_said_once() {
    let mut both = both(1 << 20);
    both.shake_hands();
    assert_eq!(both.server.write(b"last words").expect("room"), 10);
    assert!(both.server.try_end());
    assert!(both.server.try_end());
    both.serve_client();
    let mut all = Vec::new();
    // An end without the word would be an error here.
    both.client.reader().read_to_end(&mut all).expect("the end");
    assert_eq!(all, b"last words");
}

#[test]
fn the_end_waits_for_room() {
    let mut both = both(100);
    both.shake_hands();
    let mut sent = 0;
    while both.end.waiting() < 100 {
        sent += both.server.write(&[b'x'; 500][sent..]).unwrap_or(0);
    }
    assert!(!both.server.try_end());
}

#[test]
fn the_peers_end_is_the_end() {
    for says_so in [true, false] {
        let mut both = both(1 << 20);
        both.shake_hands();
        both.client.writer().write_all(b"request").expect("room");
        if says_so {
            both.client.send_close_notify();
        }
        both.serve_client();
        both.end.close();
        let mut room = [0; 100];
        assert_eq!(both.server.read(&mut room).expect("bytes"), 7);
        assert!(!(says_so && both.server.is_drained()));
        assert_eq!(both.server.read(&mut room).expect("the end"), 0);
        assert_eq!(both.server.read(&mut room).expect("the end"), 0);
    }
}

#[test]
fn a_peer_that_leaves_within_the_handshake_is_no_failure() {
    let mut both = both(1 << 20);
    both.client.write_tls(&mut both.end).expect("room");
    both.end.close();
    assert_eq!(both.read_server(100), None);
}

#[test]
fn a_plain_request_is_told_from_tls() {
    let mut both = both(1 << 20);
    both.end.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("room");
    let error = both.server.read(&mut [0; 100]).expect_err("no TLS");
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(both.server.is_plain());
    both.server.write_all(b"in the clear").expect("room");
    let mut answer = [0; 12];
    both.end.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"in the clear");
}

#[test]
fn rubbish_is_an_error_and_not_plain() {
    let mut both = both(1 << 20);
    both.end.write_all(&[0x80; 64]).expect("room");
    let error = both.server.read(&mut [0; 100]).expect_err("no TLS");
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(!both.server.is_plain());
}
