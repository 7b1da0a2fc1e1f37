//! Async Functions on the event loop, without a Task for those that never suspend.
//!
//! A spare Task is kept parked. In its name, so that `current_task()`, `timeout` and `TaskGroup` work, each
//! coroutine takes its first step, inside a copied context of its own. One that returns is answered at
//! once. One that suspends is adopted: the spare becomes its Task for good, and a new spare is made.
//!
//! The Task does not know: it runs a `Carrier`, a coroutine-like object that first waits for something
//! to carry, and then passes every step on to the adopted coroutine.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ferrofunc_wire::{Consumer, InvokeHead, now_ns};
use pyo3::exceptions::{PyBaseException, PyStopIteration};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::asgi::AsgiCall;
use crate::ffi::{self, Step};
use crate::link::{Input, Taken, Worker};
use crate::plan::Plan;
use crate::response::{Started, finish};

/// Invocations started in one turn of the loop, for the sake of its other callbacks.
const BATCH: usize = 64;

/// A coroutine of an Invocation that has suspended.
struct Call {
    coroutine: Py<PyAny>,
    context: Py<PyAny>,
    started: Started,
    plan: Py<Plan>,
    /// An ASGI application answers by itself, and may go on after that.
    asgi: Option<Py<AsgiCall>>,
}

impl Call {
    fn conclude(&self, worker: &Worker, py: Python<'_>, result: PyResult<Bound<'_, PyAny>>) {
        match &self.asgi {
            Some(call) => call.get().finish(py, result.map(drop)),
            None => finish(worker, py, self.started, result),
        }
    }
}

enum State {
    /// Its Task has not taken its first step yet.
    Fresh,
    /// Its Task waits for this future.
    Parked(Py<PyAny>),
    /// Adopted; the Task is about to be handed what the coroutine waits for.
    Handover(Call, Py<PyAny>),
    /// Adopted and running.
    Running(Call),
    /// Nothing more to do.
    Done,
}

/// What the Task of an async Function runs.
#[pyclass(frozen, weakref, module = "ferrofunc._core")]
pub(crate) struct Carrier {
    state: Mutex<State>,
    worker: Arc<Worker>,
    event_loop: Arc<EventLoop>,
}

/// The parts of asyncio in use.
pub(crate) struct EventLoop {
    object: Py<PyAny>,
    call_soon: Py<PyAny>,
    create_future: Py<PyAny>,
    enter_task: Py<PyAny>,
    leave_task: Py<PyAny>,
    task_class: Py<PyAny>,
    /// Wakes the gateway; scheduled once a turn of the loop.
    flush: Py<Flush>,
    cancelled_error: Py<PyAny>,
}

impl EventLoop {
    /// A new future of this loop.
    pub(crate) fn future<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.create_future.bind(py).call0()
    }

    /// Whether this is `asyncio.CancelledError`.
    pub(crate) fn is_cancellation(&self, error: &PyErr, py: Python<'_>) -> bool {
        error
            .matches(py, self.cancelled_error.bind(py))
            .unwrap_or(false)
    }

    /// Ends the loop if the gateway has said so and no call of an application goes on.
    pub(crate) fn stop_if_leaving(&self, py: Python<'_>, worker: &Worker) -> PyResult<()> {
        if worker.is_leaving.load(Ordering::Relaxed) && worker.streams.is_empty() {
            self.object.call_method0(py, "stop")?;
        }
        Ok(())
    }

    /// Has the gateway woken at the end of this turn of the loop.
    pub(crate) fn flush_soon(&self, py: Python<'_>) -> PyResult<()> {
        let was_due = std::mem::replace(&mut *lock(&self.flush.get().is_due), true);
        if !was_due {
            self.call_soon.call1(py, (&self.flush,))?;
        }
        Ok(())
    }
}

/// The callback that wakes the gateway after Outcomes that no batch of `drain` will announce.
#[pyclass(frozen, module = "ferrofunc._core")]
struct Flush {
    worker: Arc<Worker>,
    is_due: Mutex<bool>,
}

#[pymethods]
impl Flush {
    fn __call__(&self) {
        *lock(&self.is_due) = false;
        self.worker.outbox.wake();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Spare {
    task: Py<PyAny>,
    carrier: Py<Carrier>,
}

/// All tasks of a worker.
pub(crate) struct Tasks {
    worker: Arc<Worker>,
    event_loop: Arc<EventLoop>,
    spare: Mutex<Spare>,
}

impl Tasks {
    pub(crate) fn new(event_loop: &Bound<'_, PyAny>, worker: Arc<Worker>) -> PyResult<Self> {
        let py = event_loop.py();
        let asyncio = py.import("asyncio")?;
        let tasks = py.import("asyncio.tasks")?;
        let get = |from: &Bound<'_, PyAny>, name: &str| from.getattr(name).map(Bound::unbind);
        let flush = Flush {
            worker: worker.clone(),
            is_due: Mutex::new(false),
        };
        let event_loop = Arc::new(EventLoop {
            object: event_loop.clone().unbind(),
            call_soon: get(event_loop, "call_soon")?,
            create_future: get(event_loop, "create_future")?,
            enter_task: get(&tasks, "_enter_task")?,
            leave_task: get(&tasks, "_leave_task")?,
            task_class: get(&asyncio, "Task")?,
            flush: Py::new(py, flush)?,
            cancelled_error: get(&asyncio, "CancelledError")?,
        });
        let spare = Spare::new(py, &event_loop, &worker)?;
        Ok(Self {
            worker,
            event_loop,
            spare: Mutex::new(spare),
        })
    }

    /// Starts up to a batch of Invocations. True if the Ring is empty then.
    pub(crate) fn drain(&self, py: Python<'_>, ring: &Mutex<Consumer>) -> PyResult<bool> {
        let mut has_entered = false;
        let mut is_empty = false;
        for _ in 0..BATCH {
            let taken = match self.worker.take(ring) {
                Ok(Some(taken)) => taken,
                Ok(None) => {
                    is_empty = true;
                    break;
                }
                Err(error) => {
                    self.leave(py, has_entered)?;
                    return Err(error);
                }
            };
            match taken {
                Taken::Invoke { payload, head } => {
                    if !has_entered {
                        self.enter(py)?;
                        has_entered = true;
                    }
                    self.run(py, payload, head)?;
                }
                Taken::News { key, news } => {
                    // In nobody's name: what hears it wakes others up, and must not look like a Task.
                    self.leave(py, std::mem::take(&mut has_entered))?;
                    let pull = self.worker.streams.deliver(&self.worker, py, key, news);
                    debug_assert!(pull.is_none(), "pulls belong to sync Functions");
                    self.event_loop.stop_if_leaving(py, &self.worker)?;
                }
                Taken::Stop => {
                    self.worker.is_leaving.store(true, Ordering::Relaxed);
                    self.event_loop.stop_if_leaving(py, &self.worker)?;
                }
            }
        }
        self.leave(py, has_entered)?;
        Ok(is_empty)
    }

    fn enter(&self, py: Python<'_>) -> PyResult<()> {
        let task = lock(&self.spare).task.clone_ref(py);
        let event_loop = &self.event_loop;
        event_loop
            .enter_task
            .call1(py, (&event_loop.object, task))
            .map(drop)
    }

    fn leave(&self, py: Python<'_>, has_entered: bool) -> PyResult<()> {
        if !has_entered {
            return Ok(());
        }
        let task = lock(&self.spare).task.clone_ref(py);
        let event_loop = &self.event_loop;
        event_loop
            .leave_task
            .call1(py, (&event_loop.object, task))
            .map(drop)
    }

    /// Puts a new spare in the place of one that is taken or spoilt. Returns the old one.
    fn replace_spare(&self, py: Python<'_>) -> PyResult<Spare> {
        self.leave(py, true)?;
        let new = Spare::new(py, &self.event_loop, &self.worker)?;
        let old = std::mem::replace(&mut *lock(&self.spare), new);
        self.enter(py)?;
        Ok(old)
    }

    fn run(&self, py: Python<'_>, payload: Box<[u8]>, head: InvokeHead) -> PyResult<()> {
        let worker = &self.worker;
        let Some(invocation) = worker.prepare(py, payload, head, Some(&self.event_loop)) else {
            return Ok(());
        };
        let plan = invocation.plan.get();
        if !plan.is_quick(SLOW_NS) {
            // The loop may stand still for long: nothing may wait for that.
            worker.outbox.wake();
        } else if !plan.is_quick(QUICK_NS) {
            worker.outbox.wake_if_late(invocation.started.at_ns);
        }
        let context = ffi::copy_context(py)?;
        let variable = worker.support.get().invocation_variable.bind(py);
        let id = Bound::new(py, invocation.id)?.into_any();
        let mut coroutine = None;
        let step = ffi::within(&context, || {
            ffi::set_variable(variable, &id)?;
            let coroutine = coroutine.insert(invocation.start(worker)?);
            ffi::send_none(coroutine)
        });
        let is_marked = lock(&self.spare).is_marked(py)?;
        let plan = invocation.plan.get();
        match (step, coroutine) {
            (Ok(Step::Yielded(awaited)), Some(coroutine)) => {
                let call = Call {
                    coroutine: coroutine.unbind(),
                    context: context.unbind(),
                    started: invocation.started,
                    plan: invocation.plan.clone().unbind(),
                    asgi: match &invocation.input {
                        Input::Call(call) => Some(call.clone().unbind()),
                        Input::Request(_) | Input::Wsgi(..) => None,
                    },
                };
                let adopter = self.replace_spare(py)?;
                adopter.wake(py, State::Handover(call, awaited.unbind()))?;
                return Ok(());
            }
            (Ok(Step::Yielded(value) | Step::Returned(value)), _) => {
                invocation.conclude(worker, Ok(value));
                plan.note_duration(now_ns() - invocation.started.at_ns);
            }
            (Err(error), _) => {
                invocation.conclude(worker, Err(error));
                plan.note_duration(now_ns() - invocation.started.at_ns);
            }
        }
        if is_marked {
            // The Function cancelled "its" Task or waits for its end: this Task ends with the Function.
            self.replace_spare(py)?.wake(py, State::Done)?;
        }
        Ok(())
    }
}

/// See `link::QUICK_NS`.
const QUICK_NS: u64 = 100_000;
/// Functions slower than this (mean, nanoseconds) have the gateway woken before each of them.
const SLOW_NS: u64 = 1_000_000;

impl Spare {
    fn new(py: Python<'_>, event_loop: &Arc<EventLoop>, worker: &Arc<Worker>) -> PyResult<Self> {
        let carrier = Bound::new(
            py,
            Carrier {
                state: Mutex::new(State::Fresh),
                worker: worker.clone(),
                event_loop: event_loop.clone(),
            },
        )?;
        let keywords = PyDict::new(py);
        keywords.set_item(intern!(py, "loop"), &event_loop.object)?;
        let task = event_loop
            .task_class
            .bind(py)
            .call((&carrier,), Some(&keywords))?;
        Ok(Self {
            task: task.unbind(),
            carrier: carrier.unbind(),
        })
    }

    /// Whether user code has left a mark on this Task: cancelled it, or asked to be told of its end.
    fn is_marked(&self, py: Python<'_>) -> PyResult<bool> {
        if !self
            .task
            .getattr(py, intern!(py, "_callbacks"))?
            .is_none(py)
        {
            return Ok(true);
        }
        let future = match &*lock(&self.carrier.get().state) {
            State::Parked(future) => Some(future.clone_ref(py)),
            State::Fresh => None,
            State::Handover(..) | State::Running(_) | State::Done => return Ok(false),
        };
        match future {
            Some(future) => future
                .call_method0(py, intern!(py, "cancelled"))?
                .is_truthy(py),
            None => self
                .task
                .getattr(py, intern!(py, "_must_cancel"))?
                .is_truthy(py),
        }
    }

    /// Leaves the parking place, for a coroutine to carry or to end.
    fn wake(self, py: Python<'_>, state: State) -> PyResult<()> {
        let before = std::mem::replace(&mut *lock(&self.carrier.get().state), state);
        if let State::Parked(future) = before
            && !future
                .call_method0(py, intern!(py, "done"))?
                .is_truthy(py)?
        {
            future.call_method1(py, intern!(py, "set_result"), (py.None(),))?;
        }
        Ok(())
    }
}

impl Carrier {
    fn take(&self) -> State {
        std::mem::replace(&mut lock(&self.state), State::Done)
    }

    /// One step of the adopted coroutine. Ok(None) when it has ended.
    fn step(
        &self,
        py: Python<'_>,
        call: Call,
        act: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let coroutine = call.coroutine.bind(py).clone();
        let mut returned = None;
        let result = ffi::within(call.context.bind(py), || match act(&coroutine) {
            Err(error) if error.is_instance_of::<PyStopIteration>(py) => {
                returned = Some(error.value(py).getattr(intern!(py, "value"))?.unbind());
                Ok(None)
            }
            stepped => stepped,
        });
        match result {
            Ok(Some(awaited)) => {
                *lock(&self.state) = State::Running(call);
                return Ok(Some(awaited));
            }
            Ok(None) => {
                let value = returned.unwrap_or_else(|| py.None()).into_bound(py);
                call.conclude(&self.worker, py, Ok(value));
            }
            Err(error) => {
                call.conclude(&self.worker, py, Err(error.clone_ref(py)));
                let is_cancelled = error
                    .value(py)
                    .is_instance(self.event_loop.cancelled_error.bind(py))?;
                self.note_end(py, &call)?;
                // A cancelled Task says so to whoever asks; other failures are told by the Outcome alone.
                return if is_cancelled { Err(error) } else { Ok(None) };
            }
        }
        self.note_end(py, &call)?;
        Ok(None)
    }

    fn note_end(&self, py: Python<'_>, call: &Call) -> PyResult<()> {
        call.plan.get().note_duration(now_ns() - call.started.at_ns);
        self.event_loop.flush_soon(py)
    }

    /// A future for the Task to wait for until there is something to carry.
    fn park(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let future = self.event_loop.create_future.call0(py)?;
        // What `Future.__await__` sets before it yields itself to the Task.
        future.setattr(py, intern!(py, "_asyncio_future_blocking"), true)?;
        *lock(&self.state) = State::Parked(future.clone_ref(py));
        Ok(future)
    }
}

#[pymethods]
impl Carrier {
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        match self.take() {
            State::Fresh => self.park(py).map(Some),
            State::Handover(call, awaited) => {
                *lock(&self.state) = State::Running(call);
                Ok(Some(awaited))
            }
            State::Running(call) => {
                self.step(py, call, |coroutine| match ffi::send_none(coroutine)? {
                    Step::Yielded(awaited) => Ok(Some(awaited.unbind())),
                    Step::Returned(value) => Err(PyStopIteration::new_err((value.unbind(),))),
                })
            }
            State::Parked(_) | State::Done => Ok(None),
        }
    }

    fn send(&self, py: Python<'_>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__next__(py)?
            .ok_or_else(|| PyStopIteration::new_err(()))
    }

    /// The Task was cancelled, or what it waited for failed in a way that must be thrown.
    #[pyo3(signature = (error, *_traceback))]
    fn throw(
        &self,
        py: Python<'_>,
        error: Bound<'_, PyBaseException>,
        _traceback: &Bound<'_, PyTuple>,
    ) -> PyResult<Py<PyAny>> {
        let call = match self.take() {
            State::Fresh | State::Parked(_) | State::Done => {
                return Err(PyErr::from_value(error.into_any()));
            }
            State::Handover(call, awaited) => {
                // Cancelled between the first step and the handover. A Task would cancel what its
                // coroutine waits for, and throw only if that is done already.
                let awaited = awaited.into_bound(py);
                let is_cancelling = error.is_instance(self.event_loop.cancelled_error.bind(py))?
                    && !awaited.is_none()
                    && awaited
                        .getattr(intern!(py, "cancel"))?
                        .call1(error.getattr(intern!(py, "args"))?.cast::<PyTuple>()?)?
                        .is_truthy()?;
                if is_cancelling {
                    *lock(&self.state) = State::Running(call);
                    return Ok(awaited.unbind());
                }
                call
            }
            State::Running(call) => call,
        };
        let stepped = self.step(py, call, |coroutine| {
            coroutine
                .call_method1(intern!(py, "throw"), (error,))
                .map(|awaited| Some(awaited.unbind()))
        })?;
        stepped.ok_or_else(|| PyStopIteration::new_err(()))
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        if let State::Running(call) | State::Handover(call, _) = self.take() {
            call.coroutine.call_method0(py, intern!(py, "close"))?;
        }
        Ok(())
    }

    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }
}
