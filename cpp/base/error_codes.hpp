// Everything that can go wrong in cold native code: one row for each, with the names of its facts.
//
// Words for users are chosen in Python, by src/tracypy/errors.py, when an error has crossed the binding. A row has its
// words here only if a thread without the interpreter, or the keeper, may have to say them: then there is no Python.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tracypy::base {

inline constexpr const char* kWordedInPython = nullptr;

// X(code, names of the facts, words). In the words a fact stands as {fact}.
#define TRACYPY_ERROR_CODES(X)                                                                                 \
    /* Files */                                                                                                \
    X(CannotOpen, "path reason", "cannot open {path}: {reason}")                                               \
    X(CannotRead, "path reason", "cannot read {path}: {reason}")                                               \
    X(CannotWrite, "path reason", "cannot write to {path}: {reason}")                                          \
    X(CannotReserve, "path reason", "cannot reserve room for {path}: {reason}")                                \
    X(CannotMakeFolder, "path reason", "cannot make the folder of {path} again: {reason}")                     \
    X(CannotRename, "path to reason", "cannot rename {path} to {to}: {reason}")                                \
    X(ClosedByProgram, "path", "{path} was closed by the program, which closes what it has not opened")        \
    X(NotAFile, "path", "cannot read {path}: it is a pipe or a device, not a file")                            \
    X(NoFileName, "", "the name of the file is empty: name a file")                                            \
    X(FileIsFolder, "path", "{path} is a folder: name a file")                                                 \
    X(FileIsDevice, "path", "{path} is a device or a pipe: name a file")                                       \
    X(FileIsBusy, "path", "{path} is being written just now by another program: name another file")            \
    X(FileExists, "path", "{path} exists already: name another file, or overwrite it (-f, or overwrite=True)") \
    X(NoRoom, "path", "no room is left on the disk for {path}")                                                \
    X(ScratchNotMade, "reason", "cannot make a scratch file: {reason}")                                        \
    X(ScratchClosed, "reason", "the program has closed a scratch file: {reason}")                              \
    X(ScratchNotWritten, "reason", "cannot write to a scratch file: {reason}")                                 \
    X(ScratchNotRead, "reason", "cannot read a scratch file: {reason}")                                        \
    /* Network */                                                                                              \
    X(NoNetwork, "", kWordedInPython)                                                                          \
    X(NoSocketPair, "", kWordedInPython)                                                                       \
    X(NoWakeup, "", kWordedInPython)                                                                           \
    X(UnknownHost, "host", kWordedInPython)                                                                    \
    X(NoSuchAddress, "address", kWordedInPython)                                                               \
    X(NoSuchIpv4Address, "address", kWordedInPython)                                                           \
    X(CannotListen, "address port reason", "cannot listen on {address}, port {port}: {reason}")                \
    X(CannotHearAnnouncements, "port reason", kWordedInPython)                                                 \
    X(PortTaken, "port address first_port last_port", kWordedInPython)                                         \
    X(AllPortsTaken, "address first_port last_port", kWordedInPython)                                          \
    X(ServerIsRunning, "", kWordedInPython)                                                                    \
    X(NoServerThread, "", kWordedInPython)                                                                     \
    /* Signals */                                                                                              \
    X(NoSignals, "", kWordedInPython)                                                                          \
    X(UnknownSignal, "signal", kWordedInPython)                                                                \
    X(SignalIsIgnored, "signal", kWordedInPython)                                                              \
    X(SignalIsUsed, "signal", kWordedInPython)                                                                 \
    X(CannotCatchSignal, "signal", kWordedInPython)                                                            \
    /* Recording */                                                                                            \
    X(AlreadyRecording, "", kWordedInPython)                                                                   \
    X(NothingRecorded, "", kWordedInPython)                                                                    \
    X(NoRecordingThread, "", kWordedInPython)                                                                  \
    X(RecordedByAnother, "path", kWordedInPython)                                                              \
    X(MadeByAnother, "path", kWordedInPython)                                                                  \
    X(RecordingIsOver, "path", kWordedInPython)                                                                \
    X(PathOfRecording, "path", kWordedInPython)                                                                \
    X(NothingSaved, "", kWordedInPython)                                                                       \
    X(MakingCancelled, "", "making the trace was cancelled")                                                   \
    X(RecordingFailed, "problem", "{problem}")                                                                 \
    /* Other processes */                                                                                      \
    X(CannotFollow, "reason", kWordedInPython)                                                                 \
    /* An engine's client */                                                                                   \
    X(ClientNotLoaded, "path reason", kWordedInPython)                                                         \
    X(NoTracyClient, "path missing", kWordedInPython)                                                          \
    X(ClientIsUsed, "", kWordedInPython)                                                                       \
    X(ProgramIsTaken, "", kWordedInPython)                                                                     \
    /* Journals */                                                                                             \
    X(JournalLeftBehind, "path shell_word", kWordedInPython)                                                   \
    X(JournalIsMissing, "path", kWordedInPython)                                                               \
    X(JournalIsFolder, "path", kWordedInPython)                                                                \
    X(JournalIsWritten, "path", kWordedInPython)                                                               \
    X(JournalIsRead, "path", kWordedInPython)                                                                  \
    X(JournalNamesNoTrace, "path", kWordedInPython)                                                            \
    X(JournalWasDeleted, "path", "{path} was deleted, and its descriptor closed")                              \
    X(JournalIsDamaged, "", "the journal is damaged")                                                          \
    X(JournalIsEmpty, "", "the journal ends before the recording begins: it holds nothing")                    \
    X(JournalHasChanged, "", "the journal was changed while it was read")                                      \
    X(NotAJournal, "", "not a journal of tracypy")                                                             \
    X(JournalOfOtherRelease, "format oldest newest",                                                           \
      "the journal was written by another release of tracypy: it has format {format}, this release reads "     \
      "formats {oldest} to {newest}")                                                                          \
    X(TraceNeedsMemory, "", "the trace needs too much memory while it is made")                                \
    /* Captures */                                                                                             \
    X(UnknownProtocol, "protocol releases", kWordedInPython)                                                   \
    X(ForeignProtocol, "place releases", kWordedInPython)                                                      \
    X(CaptureRefused, "place problem", kWordedInPython)                                                        \
    X(CaptureGivenUp, "", kWordedInPython)                                                                     \
    X(NobodyAnswers, "place", kWordedInPython)                                                                 \
    X(NobodyListens, "place", kWordedInPython)                                                                 \
    X(CaptureFileExists, "path part", kWordedInPython)                                                         \
    X(CaptureNotNamed, "path part reason", kWordedInPython)                                                    \
    X(PeerMakesNoSense, "problem", "{problem}")                                                                \
    /* Traces */                                                                                               \
    X(TraceUnreadable, "problem", "{problem}")                                                                 \
    X(TraceNotWritten, "problem", "{problem}")                                                                 \
    X(NoSuchThread, "", kWordedInPython)                                                                       \
    X(NotMergeable, "problem", kWordedInPython)                                                                \
    X(MergeOffsetMissing, "path", kWordedInPython)                                                             \
    X(GroupsMissing, "", kWordedInPython)                                                                      \
    X(GroupsDiffer, "", kWordedInPython)                                                                       \
    /* The caller, and the end of the interpreter */                                                           \
    X(UnknownBufferPolicy, "", kWordedInPython)                                                                \
    X(BufferTooSmall, "", kWordedInPython)                                                                     \
    X(TooLateToListen, "", kWordedInPython)                                                                    \
    X(TooLateToRecord, "", kWordedInPython)                                                                    \
    X(TooLateToStop, "", kWordedInPython)

#define TRACYPY_ENUMERATOR(code, facts, words) code,
enum class ErrorCode : std::uint8_t { TRACYPY_ERROR_CODES(TRACYPY_ENUMERATOR) };
#undef TRACYPY_ENUMERATOR

struct ErrorKind {
    std::string_view name;   // as the enumerator
    std::string_view facts;  // their names, with a space between
    const char* words;       // or kWordedInPython
};

#define TRACYPY_ROW(code, facts, words) {#code, facts, words},
inline constexpr ErrorKind kErrorKinds[] = {TRACYPY_ERROR_CODES(TRACYPY_ROW)};
#undef TRACYPY_ROW

constexpr const ErrorKind& kind_of(ErrorCode code) noexcept {
    return kErrorKinds[static_cast<std::size_t>(code)];
}

constexpr std::size_t fact_count(ErrorCode code) noexcept {
    const std::string_view names = kind_of(code).facts;
    std::size_t count = names.empty() ? 0 : 1;
    for (const char letter : names) count += letter == ' ' ? 1 : 0;
    return count;
}

/// The code as Python writes it: port_taken.
std::string name_of(ErrorCode code);

}  // namespace tracypy::base
