"""Load an app that is written with decorators (the v2 model, spec worker 4).

Imports the entry file, finds the one FunctionApp in it, and takes its functions. What the
library refuses (duplicate names, no trigger, two triggers) fails the app as a whole; a function
whose bindings do not fit its signature fails alone. Must ask the app for its functions once:
the library remembers the names and calls a second answer duplicates. Called by `index`.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferrofunc.worker import load_error, metadata, retry
from ferrofunc.worker.binding import normalise
from ferrofunc.worker.function import Function, function_id
from ferrofunc.worker.import_user import import_user_module
from ferrofunc.worker.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

_SETTING = "PYTHON_SCRIPT_FILE_NAME"
_DEFAULT_SCRIPT = "function_app.py"
_SCRIPT_NAME = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_\-]*\.py")
_RETRY = "retry_policy"


def script_name(environ: Mapping[str, str]) -> str:
    """Name the entry file. Raises InvalidFileNameError for a setting that is no file name."""
    name = environ.get(_SETTING, _DEFAULT_SCRIPT)
    if not _SCRIPT_NAME.fullmatch(name):
        raise load_error.InvalidFileNameError(name)
    return name


def load(app_root: Path, script: str) -> list[Function]:
    """Load every function of the app whose entry file is `script`.

    Raises whatever importing it raises, and ValueError in the library's words when the app as a
    whole is not sound.
    """
    app = _find_app(import_user_module(Path(script).stem), app_root / script)
    functions = app.get_functions()
    _check_names([indexed.get_function_name() for indexed in functions])
    return [_load_function(app_root, indexed) for indexed in functions]


def _find_app(module: ModuleType, script: Path) -> Any:
    from azure.functions import FunctionRegister

    # By type alone: isinstance() would wake lazy proxies that user modules hold.
    apps = [v for v in vars(module).values() if issubclass(type(v), FunctionRegister)]
    if not apps:
        message = f"Could not find top level function app instances in {script.name}."
        imported = getattr(module, "__file__", None)
        if imported is None or Path(imported) != script:
            message += (
                f" The name '{module.__name__}' is taken by {imported or 'a built-in module'}, "
                "which was imported instead; rename the script."
            )
        raise ValueError(message)
    if len(apps) > 1:
        raise ValueError(
            f"More than one {type(apps[0]).__name__} or other top level function app instances "
            "are defined."
        )
    return apps[0]


def _check_names(names: list[str]) -> None:
    # The newer library checks this itself; the text is its own.
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"Function {name} does not have a unique function name. Please change "
                "@app.function_name() or the function method name to be unique."
            )


def _load_function(app_root: Path, indexed: Any) -> Function:
    name = indexed.get_function_name()
    user_function: Callable[..., Any] = indexed.get_user_function()
    bindings: tuple[dict[str, Any], ...] = ()
    error = None
    signature = None
    policy = None
    try:
        bindings = tuple(normalise(binding.get_dict_repr()) for binding in indexed.get_bindings())
        signature = validate(name, user_function, bindings, "v2")
        policy = retry.from_decorator(indexed.get_settings_dict(_RETRY))
        metadata.check(name, bindings)
    except Exception as exc:
        error = load_error.from_exception(exc, app_root)
        signature = None
    return Function(
        name=name,
        function_id=function_id(name),
        directory=_directory(user_function, app_root),
        script_file=indexed.function_script_file,
        entry_point=name,
        bindings=bindings,
        retry=policy,
        user_function=user_function if signature else None,
        is_async=signature is not None and inspect.iscoroutinefunction(user_function),
        parameters=signature.parameters if signature else (),
        returns=signature.returns if signature else False,
        return_converter=signature.return_converter if signature else None,
        return_annotation=signature.return_annotation if signature else None,
        error=error,
        model="v2",
    )


def _directory(user_function: Callable[..., Any], app_root: Path) -> str:
    """Name the folder of the file that defines the function; a blueprint's may differ."""
    try:
        return str(Path(inspect.getfile(user_function)).parent)
    except TypeError:
        # Compiled code has no file to its name.
        return str(app_root)
