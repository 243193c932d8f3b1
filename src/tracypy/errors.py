"""What goes wrong in tracypy itself, as opposed to in the program it watches, and the words for it.

The native module and the exporters raise a code with facts, and the words are here. The native module is given its own
when tracypy is imported, so that it runs no Python to find them. What threads without the interpreter and the keeper
have to say has its words in `cpp/base/error_codes.hpp`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Of `cpp/base/error_codes.hpp`: what is raised there for the caller alone.
NATIVE: dict[str, str] = {
    "no_network": "the network of this machine could not be started",
    "no_socket_pair": "could not make a pair of sockets",
    "no_wakeup": "could not make a wake-up socket",
    "unknown_host": "there is no host '{host}'",
    "no_such_address": (
        "'{address}' is not an address of this machine; give a numeric one, such as 127.0.0.1, 0.0.0.0 or ::"
    ),
    "no_such_ipv4_address": (
        "'{address}' is not an IPv4 address of this machine; give a numeric one, such as 127.0.0.1, 0.0.0.0 or ::"
    ),
    "cannot_hear_announcements": "cannot listen for announcements on UDP port {port}: {reason}",
    "port_taken": (
        "port {port} on {address} is taken by another program; choose another port, or none to get the first free one "
        "of {first_port} to {last_port}"
    ),
    "all_ports_taken": (
        "all ports from {first_port} to {last_port} on {address} are taken, perhaps by other profiled programs; choose "
        "a port yourself"
    ),
    "server_is_running": "the server is already running",
    "no_server_thread": "the thread that serves viewers could not be started",
    "no_signals": "this system has no signals that can be sent to a program",
    "unknown_signal": "this system has no {signal}",
    "signal_is_ignored": "{signal} is ignored by the program: name another signal",
    "signal_is_used": "{signal} is used by the program: name another signal",
    "cannot_catch_signal": "{signal} cannot be caught",
    "already_recording": "a recording is running already: stop it first",
    "nothing_recorded": "nothing is being recorded",
    "no_recording_thread": "the thread that records could not be started",
    "recorded_by_another": "another program is recording to {path}: name another file",
    "made_by_another": "{path} is being made of the journal of a program that has ended: name another file",
    "recording_is_over": "the recording is over: what there is of it is in {path}, or will be in a moment",
    "path_of_recording": "{path} is made when the recording ends: name another file",
    "nothing_saved": "the recording has ended: nothing could be saved",
    "journal_left_behind": (
        "{path} was left behind by a recording that did not come to its end: `tracypy recover {shell_word}` makes a "
        "trace of it; or overwrite it (-f, or overwrite=True)"
    ),
    "journal_is_missing": "there is no {path}",
    "journal_is_folder": "{path} is a folder: name a journal",
    "journal_is_written": "{path} is being written by a program that runs: wait for its end",
    "journal_is_read": "a trace is being made of {path} at this moment",
    "journal_names_no_trace": "the name of {path} does not say what file to make: name one (-o, or path=)",
    "unknown_protocol": "protocol {protocol} is not one of {releases}",
    "cannot_follow": "child processes cannot be followed: {reason}",
    "foreign_protocol": "the program at {place} speaks another protocol; these Tracy releases work: {releases}",
    "capture_refused": "{place}: {problem}",
    "capture_given_up": "given up: no program was found",
    "nobody_answers": "the program at {place} does not answer; another viewer may be connected to it",
    "nobody_listens": "no program listens at {place}",
    "capture_file_exists": "{path} exists by now; what was captured is in {part}",
    "capture_not_named": "{path}: {reason}; what was captured is in {part}",
    "no_such_thread": "the trace has no such thread",
    "not_mergeable": "{problem}",
    "merge_offset_missing": (
        "{path} does not say when it was made: give the seconds between it and the first trace (--offset, or offsets=)"
    ),
    "groups_missing": "every location needs a group",
    "groups_differ": "both traces need the same groups",
    "unknown_buffer_policy": "the policy must be 'wait' or 'skip'",
    "buffer_too_small": "the buffer must be at least 1 MB",
    "too_late_to_listen": "the interpreter is shutting down: no viewer can connect any more",
    "client_not_loaded": "cannot load {path}: {reason}",
    "no_tracy_client": "{path} has no Tracy client that can be used: it does not export {missing}",
    "client_is_used": "a client is in use already: call leave_client() first",
    "program_is_taken": "a viewer is connected to tracypy, or a recording is running: end that first",
    "too_late_to_record": "the interpreter is shutting down: nothing can be recorded any more",
    "too_late_to_stop": (
        "the interpreter is shutting down: a recording that goes on stays a journal, of which `tracypy recover` makes "
        "a trace"
    ),
}

#: Of `tracypy.exporters`.
EXPORTS: dict[str, str] = {
    "unknown_format": "{format!r} is not a format; there are {known}",
    "no_format": "{path}: no format given; there are {known}",
    "cannot_compress": "programs that read {format} do not read compressed files: leave out {suffix}",
    "export_over_trace": "{path} is the recording itself; name another file",
    "export_is_folder": "{path} is a folder; name a file in it",
    "export_exists": "{path} exists; -f overwrites it, -o names another file",
    "no_function": "no function of {trace} has {pattern!r} in its name or file",
    "no_thread": "{trace} has no thread {thread!r}; there are {known}",
    "nothing_to_export": "{trace} has nothing to export: no zones, no messages, no plots",
    "no_zones": "{trace} has no zones to export",
    "no_chosen_zones": "{trace} has no zones that match",
    "no_time": "{trace}: no zone that matches has taken any time",
    "no_messages": "{trace} has no messages",
    "no_plots": "{trace} has no plots",
    "needs_package": "{format} needs {package}: pip install 'tracypy[{format}]'",
    "bad_separator": "a separator must be one character, not a quote or a line end: {separator!r}",
    "messages_alone": "messages are a table of their own: leave out the options for zones and plots",
    "no_paths": "a page needs at least 1 path, not {paths}",
}

_ALL = NATIVE | EXPORTS


def words(code: str, facts: Mapping[str, object]) -> str:
    """Return what a user is told.

    Args:
        code: What has gone wrong.
        facts: With what.
    """
    return _ALL[code].format_map(facts)


class SettingError(ValueError):
    """A setting has an invalid value.

    The text names the environment variable or the argument, and says what is valid.
    """


class TraceError(ValueError):
    """A file is not a readable trace: damaged, incomplete, foreign, or of a release that is too new or too old.

    The text is one line that names the file and says what is wrong with it.

    Attributes:
        code: What is wrong, for programs: a word such as "journal_is_damaged".
        facts: With what.
    """

    code: str = ""
    facts: Mapping[str, object] = {}


class ExportError(ValueError):
    """A recording cannot be exported as it was asked for.

    The text is one line that says why, and what to do instead.

    Attributes:
        code: Why not, for programs: a word such as "no_function".
        facts: What the text is made of: the trace, say, and the name that was asked for.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(words(code, facts))
        self.code: str = code
        self.facts: Mapping[str, object] = facts


class RecordingError(RuntimeError):
    """A recording cannot begin, or its file could not be made; the text says why, and what to do.

    Attributes:
        code: Why not, for programs: a word such as "signal_is_used"; empty where there is none.
        facts: With what.
    """

    code: str = ""
    facts: Mapping[str, object] = {}


def retold[Error: (RecordingError, TraceError)](kind: type[Error], cause: BaseException, text: str = "") -> Error:
    """Return an error of the native module as one of ours, with its code and facts.

    Args:
        kind: The class of the error.
        cause: The native module's.
        text: What is said, if not the same.
    """
    error = kind(text or str(cause))
    error.code = getattr(cause, "code", "")
    error.facts = getattr(cause, "facts", {})
    return error
