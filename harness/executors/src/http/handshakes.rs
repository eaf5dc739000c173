//! Which versions of TLS does a service shake hands with? Asked by real handshakes, one version each.
//!
//! TLS 1.3 is spoken by the TLS library. It does not know the versions that a service should refuse, so
//! their client hellos are written here, byte by byte, and only the first record that comes back is
//! read: a server hello names the version that the server would go on with, an alert says why not.
//! Nothing here knows which versions are promised.

use std::sync::Arc;
use std::time::Duration;

use connection::{Trust, client_config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::version::TLS13;

use super::origin::Origin;

/// The versions that are written by hand: name and the bytes that stand for it.
pub(super) const OLDER: [(&str, u16); 3] = [
    ("TLS 1.0", 0x0301),
    ("TLS 1.1", 0x0302),
    ("TLS 1.2", 0x0303),
];
/// The version that the TLS library speaks.
pub(super) const PRESENT: &str = "TLS 1.3";

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
/// A record's payload is never longer.
const RECORD_MAX: usize = (1 << 14) + 2_048;

/// Every key exchange that servers of these versions still do, so that none refuses for want of one.
const CIPHERS: [u16; 22] = [
    0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9, 0xC023, 0xC027, 0xC009, 0xC00A, 0xC013, 0xC014,
    0x009E, 0x009F, 0x0033, 0x0039, 0x009C, 0x009D, 0x003C, 0x002F, 0x0035, 0x000A,
];
const GROUPS: [u16; 4] = [0x001D, 0x0017, 0x0018, 0x0019];
const SIGNATURES: [u16; 12] = [
    0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201, 0x0807,
];

/// Offers one of the [`OLDER`] versions at most; in words what came back: `server hello 0x0303`,
/// `alert 70`, `closed`, or what went wrong before.
pub(super) async fn offer(origin: &Origin, version: u16, patience: Duration) -> String {
    let asked = timeout(patience, async {
        let mut socket = match connect(origin).await {
            Ok(socket) => socket,
            Err(error) => return format!("not connected: {error}"),
        };
        let hello = client_hello(&origin.host, version);
        // A server may answer and close before it has read everything; what it said counts.
        let written = socket.write_all(&hello).await;
        match first_record(&mut socket).await {
            Some(answer) => answer,
            None => match written {
                Ok(()) => "closed".to_owned(),
                Err(_) => "closed before the hello was read".to_owned(),
            },
        }
    });
    asked.await.unwrap_or_else(|_| "no answer".to_owned())
}

/// Shakes hands by TLS 1.3 alone: `server hello 0x0304`, or why not.
pub(super) async fn shake(origin: &Origin, trust: &Trust, patience: Duration) -> String {
    let shaken = timeout(patience, async {
        let config = client_config(trust, &[&TLS13]).await;
        let config = config.map_err(|error| error.to_string())?;
        let socket = connect(origin).await.map_err(|error| error.to_string())?;
        let name = ServerName::try_from(origin.host.clone()).map_err(|error| error.to_string())?;
        let connector = TlsConnector::from(Arc::new(config));
        let shaken = connector.connect(name, socket).await;
        shaken.map_err(|error| error.to_string())?;
        Ok::<_, String>(format!("server hello {:#06x}", 0x0304))
    });
    match shaken.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(why)) => format!("failed: {why}"),
        Err(_) => "no answer".to_owned(),
    }
}

async fn connect(origin: &Origin) -> std::io::Result<TcpStream> {
    TcpStream::connect((origin.host.as_str(), origin.port)).await
}

/// The first record that comes back, in words; `None` when the connection ends before.
async fn first_record(socket: &mut TcpStream) -> Option<String> {
    let mut head = [0; 5];
    socket.read_exact(&mut head).await.ok()?;
    let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
    if !matches!(head[0], ALERT | HANDSHAKE) || head[1] != 3 || length > RECORD_MAX {
        return Some(format!("no TLS: it began with the bytes {head:02x?}"));
    }
    let mut payload = vec![0; length];
    socket.read_exact(&mut payload).await.ok()?;
    Some(match (head[0], payload.as_slice()) {
        (ALERT, [_, description, ..]) => format!("alert {description}"),
        // The message's type and its length of three bytes, then the version.
        (HANDSHAKE, [SERVER_HELLO, _, _, _, high, low, ..]) => {
            format!("server hello {:#06x}", u16::from_be_bytes([*high, *low]))
        }
        (kind, _) => format!("a record of type {kind} that is no answer to a hello"),
    })
}

/// A client hello that offers `version` and those before it, as clients of its time sent it.
fn client_hello(host: &str, version: u16) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    // No handshake is finished, so nobody relies on these bytes.
    body.extend((0..32).map(|byte: u8| byte.wrapping_mul(37) ^ 0x5A));
    // No session, then the ciphers, then no compression.
    body.push(0);
    body.extend(listed(&CIPHERS));
    body.extend([1, 0]);
    let mut extensions = Vec::new();
    if host.parse::<std::net::IpAddr>().is_err() {
        let name = host.as_bytes();
        let mut entry = vec![0];
        entry.extend(sized(name));
        extensions.extend(extension(0x0000, &sized(&entry)));
    }
    extensions.extend(extension(0x000A, &listed(&GROUPS)));
    // Points uncompressed, and no renegotiation so far.
    extensions.extend(extension(0x000B, &[1, 0]));
    extensions.extend(extension(0xFF01, &[0]));
    extensions.extend(extension(0x0017, &[]));
    if version >= 0x0303 {
        extensions.extend(extension(0x000D, &listed(&SIGNATURES)));
    }
    body.extend(sized(&extensions));
    let mut message = vec![CLIENT_HELLO, 0];
    message.extend(sized(&body));
    // Whoever speaks none of these versions must still understand the record: 1.0, as everybody writes.
    let mut record = vec![HANDSHAKE, 3, 1];
    record.extend(sized(&message));
    record
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_be_bytes().to_vec();
    bytes.extend(sized(data));
    bytes
}

fn listed(numbers: &[u16]) -> Vec<u8> {
    let bytes: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect();
    sized(&bytes)
}

/// Bytes after their count. Nothing here comes near what two bytes can count but a host's name, and no
/// name is that long.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let count = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut all = count.to_be_bytes().to_vec();
    all.extend(&bytes[..usize::from(count)]);
    all
}
