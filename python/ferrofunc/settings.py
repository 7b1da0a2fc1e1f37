"""One frozen `Settings` from host.json, local.settings.json, the environment and the command line.

`load` reads the three sources in the official order (configuration.md 1): the command line beats
the environment, which beats local.settings.json and, by `AzureFunctionsJobHost__*`, host.json. The
command line calls it before anything listens, the supervisor again when host.json changes. It
imports nothing heavy, changes no process state, and puts no value of a setting into a `repr`.
"""

from __future__ import annotations

from ferrofunc import (
    app_settings,
    host_id,
    host_json,
    http_rules,
    interpreter,
    limits,
    local_settings,
    log_levels,
    not_yet,
    project,
    retry_policy,
)
from ferrofunc.errors import SettingsError
from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ferrofunc.host_json import HostConfig
    from ferrofunc.http_rules import HttpRules
    from ferrofunc.local_settings import LocalSettings
    from ferrofunc.log_levels import LogLevels

DEFAULT_PORT = 7071
DEFAULT_ADDRESS = "127.0.0.1"
DEFAULT_STARTUP_TIMEOUT = 20


class Options(Record):
    """What `ferrofunc start` was told (cli.md 2). None: not told, so the files decide.

    `certificate` is a path; `password` opens it, or is the path of a file that holds what does.
    """

    script_root: str | None = None
    port: int | None = None
    address: str | None = None
    cors: str | None = None
    has_cors_credentials: bool | None = None
    functions: tuple[str, ...] | None = None
    user_log_level: str | None = None
    startup_timeout: int = DEFAULT_STARTUP_TIMEOUT
    is_verbose: bool = False
    is_json_output: bool = False
    is_auth_enabled: bool = False
    is_https: bool = False
    certificate: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Options(script_root={self.script_root!r}, port={self.port!r})"


class Settings(Record):
    """Everything the host was told, checked.

    Paths are absolute. `route_prefix` has no slash at its ends. `function_timeout` and
    `startup_timeout` are seconds, None unlimited. `retry` is the app's policy in the shape of
    function.json, None without one. `functions` is the allow-list, None for all.
    `body_size_limit` is in bytes. `python_executable` runs the workers. `environment` is what host
    and workers run in; `shell_environment` is what the tool was started in. `warnings` are lines
    to print once, in order.
    """

    app_root: str
    host_id: str
    route_prefix: str
    function_timeout: float | None
    retry: Mapping[str, object] | None
    functions: tuple[str, ...] | None
    process_count: int
    address: str
    port: int
    body_size_limit: int
    startup_timeout: int
    is_homepage_disabled: bool
    http_rules: HttpRules
    log_levels: LogLevels
    is_verbose: bool
    is_auth_enabled: bool
    python_executable: str
    host_config: HostConfig
    environment: dict[str, str]
    warnings: tuple[str, ...]
    options: Options
    shell_environment: Mapping[str, str]

    def __repr__(self) -> str:
        return (
            f"Settings(app_root={self.app_root!r}, address={self.address!r}, port={self.port}, "
            f"process_count={self.process_count}, {len(self.environment)} variables)"
        )

    @property
    def scheme(self) -> str:
        """`https` or `http`: what the port speaks."""
        return "https" if self.options.is_https else "http"

    @property
    def base_url(self) -> str:
        """Where the app is found, as the banner says it: `localhost`, whatever is bound."""
        return f"{self.scheme}://localhost:{self.port}"

    def reread(self) -> Settings:
        """Read the same files again, under the same command line.

        Raises:
            FerrofuncError: As `load`; the host stays up, in state Error, until the next change.
        """
        return load(self.options, self.shell_environment)

    def restarted(self) -> Settings:
        """Return what holds after a restart: all is read again, but the socket stays where it is.

        Raises:
            FerrofuncError: As `load`.
        """
        return Settings(**{**vars(self.reread()), "address": self.address, "port": self.port})

    def setting(self, name: str) -> str | None:
        """Return an app setting, found as configuration.md 1 says, or None."""
        return app_settings.find(self.environment, name)

    def is_function_disabled(self, name: str) -> bool:
        """Return whether `AzureWebJobs.<name>.Disabled` is on (configuration.md 6.2)."""
        return any(
            app_settings.is_on(self.setting(setting))
            for setting in (f"AzureWebJobs.{name}.Disabled", f"AzureWebJobs_{name}_Disabled")
        )

    def is_function_allowed(self, name: str) -> bool:
        """Return whether the allow-list has `name`, in any case (configuration.md 4)."""
        return self.functions is None or name.lower() in (n.lower() for n in self.functions)


def load(options: Options, environ: Mapping[str, str]) -> Settings:
    """Read everything the host is told.

    Args:
        options: The command line.
        environ: The environment the tool was started in. Not one made by an earlier call: in that,
            each local setting would look as if it was set from outside.

    Raises:
        ProjectNotFoundError: No project root.
        SettingsError: A setting that the host cannot start with.
        PythonVersionError: No interpreter for the workers, or one that is not supported.
        HostJsonError: A host.json that it cannot start with.
    """
    root = project.find_root(options.script_root)
    local = local_settings.read(root)
    port = _port(options, local)
    environment, injected = local_settings.inject(local, environ, _tool_settings(root, port))
    _set_tool_variables(environment, options)
    python = interpreter.choose(environment)
    environment["FUNCTIONS_WORKER_RUNTIME_VERSION"] = python.minor_version
    tree, notices = host_json.read(root)
    config = host_json.HostConfig(tree, environment)
    user_level = options.user_log_level or environment.get("FUNCTIONS_USER_LOG_LEVEL")
    levels = log_levels.decide(config, user_level, options.is_verbose)
    if not config.has_section("logging:logLevel:Function"):
        environment["AzureFunctionsJobHost__logging__logLevel__Function"] = levels.user
    own_id, id_warnings = host_id.decide(root, app_settings.find(environment, host_id.SETTING))
    process_count, count_warnings = limits.process_count(environment)
    body_size, size_warnings = limits.body_size(environment)
    rules, rule_warnings = _http_rules(config, options, local)
    return Settings(
        app_root=root,
        host_id=own_id,
        route_prefix=limits.route_prefix(config),
        retry=retry_policy.from_host_json(config),
        function_timeout=limits.function_timeout(config),
        # Of the tool's own list nothing is merged with host.json's: these functions and no others.
        functions=options.functions or limits.allow_list(config),
        process_count=process_count,
        address=_address(options, local),
        port=port,
        body_size_limit=body_size,
        startup_timeout=options.startup_timeout,
        is_homepage_disabled=app_settings.is_on(
            app_settings.find(environment, "AzureWebJobsDisableHomepage")
        ),
        http_rules=rules,
        log_levels=levels,
        is_verbose=options.is_verbose,
        is_auth_enabled=options.is_auth_enabled,
        python_executable=python.path,
        host_config=config,
        environment=environment,
        warnings=(
            *local.warnings,
            *injected,
            *(
                [f"Found Python version {python.version} ({python.path})."]
                if options.is_verbose
                else []
            ),
            *notices,
            *id_warnings,
            *count_warnings,
            *size_warnings,
            *rule_warnings,
            *not_yet.warnings(environment),
        ),
        options=options,
        shell_environment=dict(environ),
    )


def _port(options: Options, local: LocalSettings) -> int:
    if options.port is not None:
        return limits.port(options.port, "--port")
    return DEFAULT_PORT if local.port is None else limits.port(local.port, "LocalHttpPort")


def _address(options: Options, local: LocalSettings) -> str:
    if options.address is not None:
        return limits.ip_address(options.address, "--address")
    if local.address is not None:
        return limits.ip_address(local.address, "LocalHttpAddress")
    return DEFAULT_ADDRESS


def _http_rules(
    config: HostConfig, options: Options, local: LocalSettings
) -> tuple[HttpRules, list[str]]:
    has_credentials = options.has_cors_credentials
    if has_credentials is None:
        has_credentials = local.has_cors_credentials
    text, source = options.cors, "--cors"
    if text is None:
        text, source = local.cors, "Host.CORS"
    return http_rules.decide(config, text, source, has_cors_credentials=has_credentials)


def _tool_settings(root: str, port: int) -> dict[str, str]:
    """What the tool adds to the values of local.settings.json (configuration.md 2)."""
    return {
        "WEBSITE_HOSTNAME": f"localhost:{port}",
        "AzureWebJobsScriptRoot": root,
        "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
    }


def _set_tool_variables(environment: dict[str, str], options: Options) -> None:
    """Set what the tool decides alone, whatever is there, and check the runtime."""
    runtime = app_settings.find(environment, "FUNCTIONS_WORKER_RUNTIME")
    if runtime and runtime.lower() != "python":
        raise SettingsError(
            f"Expected FUNCTIONS_WORKER_RUNTIME to be 'python', found '{runtime}'.",
            hint="ferrofunc runs Python apps only. Set it to 'python' in local.settings.json, or "
            "run this app with 'func start'.",
        )
    if not runtime:
        environment["FUNCTIONS_WORKER_RUNTIME"] = "python"
    environment["FUNCTIONS_CORETOOLS_ENVIRONMENT"] = "true"
    environment["AzureFunctionsJobHost__SequentialRestart"] = "true"
    if not environment.get("PYTHON_ENABLE_DEBUG_LOGGING"):
        environment["PYTHON_ENABLE_DEBUG_LOGGING"] = "1"
    for index, name in enumerate(options.functions or ()):
        environment[f"AzureFunctionsJobHost__functions__{index}"] = name
    if options.is_json_output:
        environment["FUNCTIONS_ENABLE_JSON_OUTPUT"] = "true"
