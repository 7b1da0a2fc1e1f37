//! The gateway as the host's Python sees it: one object for the server and its console.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, IntoRawFd};
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::Duration;

use ferrofunc_gateway::{AuthLevel, Config, Console, Event, FunctionSpec, Level, Rules, Timeouts};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::certificate::Certificate;
use crate::error::Failed;
use crate::rules;

/// The running gateway.
#[expect(
    clippy::struct_field_names,
    reason = "the skin around the crate's type of the same name"
)]
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct Gateway {
    gateway: ferrofunc_gateway::Gateway,
    console: Console,
    writer: Mutex<Option<JoinHandle<()>>>,
}

fn level(name: &str) -> PyResult<Level> {
    Ok(match name {
        "Trace" => Level::Trace,
        "Debug" => Level::Debug,
        "Information" => Level::Information,
        "Warning" => Level::Warning,
        "Error" => Level::Error,
        "Critical" => Level::Critical,
        other => {
            return Err(PyValueError::new_err(format!(
                "no such log level: {other:?}"
            )));
        }
    })
}

fn auth_level(name: &str) -> PyResult<AuthLevel> {
    AuthLevel::from_name(name)
        .ok_or_else(|| PyValueError::new_err(format!("no such auth level: {name:?}")))
}

#[expect(
    clippy::struct_field_names,
    reason = "`row` is its number in the table"
)]
/// One row of the Function table, as a dictionary with these keys. Levels are names; None shows nothing.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Row {
    row: u16,
    name: String,
    template: Option<String>,
    methods: Option<Vec<String>>,
    is_async: bool,
    is_stream: bool,
    failure: Option<String>,
    auth_level: String,
    is_disabled: bool,
    host_level: Option<String>,
    user_level: Option<String>,
}

/// Every number Python gives in seconds.
fn seconds(value: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(value)
        .map_err(|error| PyValueError::new_err(format!("{value} is no number of seconds: {error}")))
}

#[pymethods]
impl Gateway {
    /// Listens and starts the gateway's thread; requests wait until `deploy`. Times are in seconds. With a
    /// certificate it speaks TLS, and nothing else.
    /// Raises `OSError` if the address cannot be had.
    #[new]
    #[pyo3(signature = (
        *, address, port, certificate=None, body_limit, function_timeout, system_level, rules=None
    ))]
    fn new(
        address: &str,
        port: u16,
        certificate: Option<&Bound<'_, Certificate>>,
        body_limit: u64,
        function_timeout: Option<f64>,
        system_level: Option<&str>,
        rules: Option<rules::Given>,
    ) -> PyResult<Self> {
        let address: IpAddr = address
            .parse()
            .map_err(|_| PyValueError::new_err(format!("no IP address: {address:?}")))?;
        let config = Config {
            address: SocketAddr::new(address, port),
            certificate: certificate.map(|certificate| certificate.get().0.clone()),
            body_limit,
            function_timeout: function_timeout.map(seconds).transpose()?,
            system_level: system_level.map(level).transpose()?,
            timeouts: Timeouts::default(),
            rules: rules.map(Rules::from).unwrap_or_default(),
        };
        let (console, writer) = Console::open().map_err(Failed::from)?;
        let gateway = match ferrofunc_gateway::Gateway::start(config, console.clone()) {
            Ok(gateway) => gateway,
            Err(error) => {
                console.close();
                return Err(Failed::from(error).into());
            }
        };
        Ok(Self {
            gateway,
            console,
            writer: Mutex::new(Some(writer)),
        })
    }

    /// The port it listens on.
    #[getter]
    fn port(&self) -> u16 {
        self.gateway.address().port()
    }

    /// Readable while events wait.
    fn fileno(&self) -> i32 {
        self.gateway.bell().as_raw_fd()
    }

    /// Prints text as it is.
    fn print(&self, text: &str) {
        self.console.print(text);
    }

    /// Prints a log message with a time stamp.
    fn log(&self, level_name: &str, text: &str) -> PyResult<()> {
        self.console.log(level(level_name)?, "", text);
        Ok(())
    }

    /// The oldest event as a dictionary with its `kind`, or None.
    fn try_event<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(event) = self.gateway.try_event() else {
            return Ok(None);
        };
        let dict = PyDict::new(py);
        match event {
            Event::Ready { worker, table } => {
                dict.set_item("kind", "ready")?;
                dict.set_item("worker", worker)?;
                dict.set_item("table", PyBytes::new(py, &table))?;
            }
            Event::Gone { worker, in_flight } => {
                dict.set_item("kind", "gone")?;
                dict.set_item("worker", worker)?;
                dict.set_item("in_flight", in_flight)?;
            }
            Event::Corrupt { worker, reason } => {
                dict.set_item("kind", "corrupt")?;
                dict.set_item("worker", worker)?;
                dict.set_item("reason", reason)?;
            }
            Event::TimedOut {
                worker,
                function,
                id,
            } => {
                dict.set_item("kind", "timed_out")?;
                dict.set_item("worker", worker)?;
                dict.set_item("function", function)?;
                dict.set_item("id", id)?;
            }
            Event::Changed { names } => {
                dict.set_item("kind", "changed")?;
                dict.set_item("names", names)?;
            }
            Event::Admin(request) => {
                dict.set_item("kind", "admin")?;
                dict.set_item("key", request.key)?;
                dict.set_item("method", request.method)?;
                dict.set_item("path", request.path)?;
                dict.set_item("query", request.query)?;
                dict.set_item("headers", request.fields)?;
                dict.set_item("body", PyBytes::new(py, &request.body))?;
                dict.set_item("running", request.running)?;
                dict.set_item("level", request.level.name())?;
                dict.set_item("system_key", request.system_key)?;
                dict.set_item("is_secure", request.is_secure)?;
            }
            Event::Outcome { key, failure } => {
                dict.set_item("kind", "outcome")?;
                dict.set_item("key", key)?;
                dict.set_item("succeeded", failure.is_none())?;
                dict.set_item("failure", failure)?;
            }
            Event::UnknownKey => dict.set_item("kind", "unknown_key")?,
            Event::Stopped { unfinished } => {
                dict.set_item("kind", "stopped")?;
                dict.set_item("unfinished", unfinished)?;
            }
            Event::Failed { reason } => {
                dict.set_item("kind", "failed")?;
                dict.set_item("reason", reason)?;
            }
        }
        Ok(Some(dict))
    }

    /// Makes a seat for a worker: its id and the descriptors to pass on. The caller closes them.
    fn add_worker(&self) -> PyResult<(usize, Vec<i32>)> {
        let seat = self.gateway.add_worker().map_err(Failed::from)?;
        let numbers = seat.descriptors.map(IntoRawFd::into_raw_fd).to_vec();
        Ok((seat.worker, numbers))
    }

    /// Watches a worker's process through a pidfd. The caller closes it afterwards.
    fn attach(&self, worker: usize, process: i32) -> PyResult<()> {
        let process = ferrofunc_wire::inherited(process).map_err(Failed::from)?;
        self.gateway.attach(worker, process);
        Ok(())
    }

    /// Puts a Function table into force. These workers, and no others, serve it.
    fn deploy(&self, functions: Vec<Row>, workers: Vec<usize>) -> PyResult<()> {
        let functions = functions
            .into_iter()
            .map(|row| {
                Ok(FunctionSpec {
                    row: row.row,
                    name: row.name,
                    template: row.template,
                    methods: row.methods,
                    is_async: row.is_async,
                    is_stream: row.is_stream,
                    failure: row.failure,
                    auth_level: auth_level(&row.auth_level)?,
                    is_disabled: row.is_disabled,
                    host_level: row.host_level.as_deref().map(level).transpose()?,
                    user_level: row.user_level.as_deref().map(level).transpose()?,
                })
            })
            .collect::<PyResult<_>>()?;
        self.gateway
            .deploy(functions, workers)
            .map_err(|error| Failed::from(error).into())
    }

    /// Lets one more worker serve the table in force.
    fn activate(&self, worker: usize) {
        self.gateway.activate(worker);
    }

    /// Lets a worker finish what it runs, then leave.
    fn retire(&self, worker: usize) {
        self.gateway.retire(worker);
    }

    /// Answers an `admin` event.
    fn answer(&self, key: u64, status: u16, headers: Vec<(String, String)>, body: Vec<u8>) {
        self.gateway.answer(key, status, headers, body);
    }

    /// Runs the Function of a row with what its trigger brings. Returns the key of the `outcome` event.
    /// An HTTP Function is shown a request of this method, target and these headers.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what comes from Python is owned"
    )]
    #[pyo3(signature = (row, body, *, method = "", target = "", headers = Vec::new()))]
    fn submit(
        &self,
        row: u16,
        body: Vec<u8>,
        method: &str,
        target: &str,
        headers: Vec<(String, String)>,
    ) -> PyResult<u64> {
        self.gateway
            .submit(row, body, method, target, &headers)
            .map_err(|error| Failed::from(error).into())
    }

    /// Puts keys into force, and no others; names of functions are in lower case. Until the first call no
    /// key is known. No effect while keys do not matter.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what comes from Python is owned"
    )]
    fn set_keys(
        &self,
        master: &str,
        host: Vec<String>,
        system: HashMap<String, String>,
        functions: HashMap<String, Vec<String>>,
    ) {
        let keys = rules::keys(master, &host, system, functions);
        self.gateway.set_keys(keys);
    }

    /// Answers 503 with this page to all but `/admin`; None lets requests in again.
    #[pyo3(signature = (page))]
    fn set_offline(&self, page: Option<Vec<u8>>) {
        self.gateway.set_offline(page);
    }

    /// Answers 503 to all but `/admin`, at once; false lets requests in again.
    fn set_failed(&self, has_failed: bool) {
        self.gateway.set_failed(has_failed);
    }

    /// Watches the files of a folder; `changed` events tell their names.
    fn watch(&self, folder: std::path::PathBuf) {
        self.gateway.watch(folder);
    }

    /// Stops accepting; a `stopped` event tells when all calls have ended or `patience` seconds are over.
    fn stop(&self, patience: f64) -> PyResult<()> {
        self.gateway.stop(seconds(patience)?);
        Ok(())
    }

    /// Ends the gateway and prints what still waits to be printed.
    fn close(&self, py: Python<'_>) {
        py.detach(|| {
            self.gateway.close();
            self.console.close();
            let writer = self
                .writer
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .take();
            if let Some(writer) = writer {
                let joined = writer.join();
                debug_assert!(joined.is_ok(), "the console's writer does not panic");
            }
        });
    }
}

/// Has the kernel kill this process when its parent dies: a worker must never outlive its host.
#[pyfunction]
pub(crate) fn die_with_parent() -> PyResult<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .map_err(|error| Failed::from(std::io::Error::from(error)).into())
}
