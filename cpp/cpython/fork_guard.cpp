#include "cpython/fork_guard.hpp"

#include "base/names.hpp"
#include "cpython/native/publish.hpp"
#include "cpython/process_recorder.hpp"

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace tracypy::cpython {

#if !defined(_WIN32)

// pthread_atfork rather than os.register_at_fork: nothing, not even another module's hook, may run between taking the
// locks and the fork, since any Python code can end up in a handler that needs them.
void install_fork_guard() {
    static const int installed = pthread_atfork(
        [] {
            // In the order of the drain, which looks up names while it holds the recorder's locks. Native code has its
            // own lock before these.
            native::lock_for_fork();
            process_recorder().lock_for_fork();
            base::names().lock_for_fork();
        },
        [] {
            base::names().unlock_after_fork();
            process_recorder().unlock_after_fork();
            native::unlock_after_fork();
        },
        [] {
            base::names().unlock_after_fork();
            process_recorder().unlock_after_fork();
            native::unlock_after_fork();
            process_recorder().wake_in_child();
        });
    (void)installed;
}

#else

void install_fork_guard() {}

#endif

}  // namespace tracypy::cpython
