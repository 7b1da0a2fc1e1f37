//! What the host tells the gateway: once at the start, and the Function table with each deployment.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use ferrofunc_tls::Certificate;

use crate::auth::AuthLevel;
use crate::console::Level;
use crate::retry::RetryPolicy;

/// Everything the gateway is told once.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub address: SocketAddr,
    /// What is shown to clients that come by TLS; None listens without.
    pub certificate: Option<Certificate>,
    /// Longest request body in bytes; more is 413.
    pub body_limit: u64,
    /// How long a Function may run; None is for ever.
    pub function_timeout: Option<Duration>,
    /// Least level shown of the gateway's own remarks; None shows none.
    pub system_level: Option<Level>,
    /// What may not take for ever on a connection.
    pub timeouts: Timeouts,
    /// What holds for all requests, whichever Function they are for.
    pub rules: Rules,
}

/// Rules for all requests. The default is none.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// None leaves `Origin` and OPTIONS to the Functions.
    pub cors: Option<CorsRules>,
    /// Fields for each response that does not have them.
    pub custom_headers: Vec<(String, String)>,
    /// None sends no `Strict-Transport-Security`.
    pub hsts: Option<HstsRules>,
    /// Requests that may run at once; the others wait. None is no limit.
    pub max_concurrent: Option<NonZeroUsize>,
    /// Requests that may run or wait; the others are 429. None is no limit.
    pub max_outstanding: Option<NonZeroUsize>,
    /// Whether Functions ask for keys. If not, every caller is Admin.
    pub is_auth_enabled: bool,
}

/// Who may read answers across origins (spec http.md 12).
#[derive(Debug, Clone)]
pub struct CorsRules {
    /// As browsers send them; a single `*` is all.
    pub origins: Vec<String>,
    /// Whether with cookies and the like; not together with `*`.
    pub has_credentials: bool,
}

/// What is told to callers over TLS (spec http.md 10).
#[derive(Debug, Clone)]
pub struct HstsRules {
    /// The field's value.
    pub value: String,
    /// Names, without a port, that are not told.
    pub excluded_hosts: Vec<String>,
}

/// Limits on a client's patience-wearing.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// A request head, from its first byte to its last.
    pub head: Duration,
    /// A request body or a response, without any progress.
    pub stall: Duration,
    /// A connection without a request (spec http.md 13).
    pub idle: Duration,
    /// A request while no worker is ready; then 503 (spec http.md 1).
    pub ready: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            stall: Duration::from_secs(60),
            idle: Duration::from_secs(130),
            ready: Duration::from_secs(30),
        }
    }
}

/// One row of the Function table, as far as the gateway needs it.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// Its row in the workers' table: the number that travels in Frames.
    pub row: u16,
    /// Its name, for log lines.
    pub name: String,
    /// Route template with prefix; None if no HTTP request can start it.
    pub template: Option<String>,
    /// Allowed methods; None is all.
    pub methods: Option<Vec<String>>,
    /// Whether it runs on the worker's event loop.
    pub is_async: bool,
    /// Whether it takes a request as it comes, bodies in parts, and is told when the client leaves.
    pub is_stream: bool,
    /// What becomes of calls that fail.
    pub retry: Option<RetryPolicy>,
    /// Why it cannot run: every call is answered 500 and logged with this.
    pub failure: Option<String>,
    /// What a caller must prove.
    pub auth_level: AuthLevel,
    /// Whether it runs for Admin alone.
    pub is_disabled: bool,
    /// Least level shown of its `Executing` and `Executed` lines; None shows none.
    pub host_level: Option<Level>,
    /// Least level shown of what its code says; None shows none.
    pub user_level: Option<Level>,
}

/// The gateway cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The system refused something else.
    #[error("cannot {doing}: {source}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// A request made by the host that does not fit into a Frame.
    #[error("a request head of at most 65535 bytes was expected, found {length}")]
    Head {
        /// Bytes of method, target and fields.
        length: usize,
    },
    /// Shared memory.
    #[error(transparent)]
    Region(#[from] ferrofunc_wire::RegionError),
    /// A header that cannot be sent.
    #[error("{what}: {source}")]
    Header {
        /// Which, and where it was given.
        what: String,
        /// What is wrong with it.
        source: ferrofunc_http::BadLine,
    },
    /// A route that cannot be compiled.
    #[error("function '{function}': {source}")]
    Route {
        /// Whose.
        function: String,
        /// What is wrong with it.
        source: Box<ferrofunc_route::TemplateError>,
    },
}
