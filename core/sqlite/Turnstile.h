#pragma once

#include "carillon/Clock.h"
#include "sqlite/SharedPage.h"

#include <memory>

namespace carillon::sqlite
{

/// One writer at a time over all processes, woken as soon as it is its turn. SQLite's own busy handler sleeps and looks again, which makes
/// the slow writers twenty times slower, and lets one that hurries starve the others.
///
/// Two locks: who waits for the room holds the gate, so a writer that comes back at once queues behind the one that waits.
/// A process killed inside frees its place (robust locks); the database needs no repair then, SQLite rolls back by itself.
/// Thread-safe. A thread must leave before it enters again.
class Turnstile
{
public:
    explicit Turnstile(SharedPage& page) : _page(page) {}

    struct Leave
    {
        void operator()(pthread_mutex_t* room) const noexcept { pthread_mutex_unlock(room); }
    };
    /// Inside while this is held; released by the thread that entered.
    using Passage = std::unique_ptr<pthread_mutex_t, Leave>;

    /// Waits until `deadline` at most; null when it has passed.
    Passage enter(SteadyPoint deadline);

private:
    SharedPage& _page;
};

} // namespace carillon::sqlite
