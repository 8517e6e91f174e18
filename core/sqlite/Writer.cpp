#include "sqlite/Writer.h"

#include "carillon/Errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace carillon::sqlite
{
namespace
{

/// So many share a commit at most: the first of a group should not wait for a crowd.
constexpr std::size_t largestGroup = 128;

constexpr std::chrono::milliseconds readersHaveToEndWithin{100};

/// The writer whose transaction runs on this thread, to tell a write within a write.
thread_local const Writer* writingNow = nullptr;

/// Opening changes the journal mode and may recover the log: one process at a time.
std::unique_ptr<Connection> openInTurn(Turnstile& turnstile, const std::filesystem::path& file, Durability durability,
                                       std::chrono::milliseconds busyDeadline)
{
    const auto passage = turnstile.enter(std::chrono::steady_clock::now() + busyDeadline);
    if (!passage)
        throw StoreError(
            fmt::format("database {} could not be opened: another process holds it for too long; end that one", file.string()));
    return std::make_unique<Connection>(file, Connection::Access::Write, durability, busyDeadline);
}

} // namespace

Writer::Writer(const Database& database, const std::filesystem::path& file, SharedPage& page, Durability durability,
               std::chrono::milliseconds busyDeadline)
    : _database(database),
      _file(file),
      _page(page),
      _turnstile(page),
      _busyDeadline(busyDeadline),
      _connection(openInTurn(_turnstile, file, durability, busyDeadline))
{
}

void Writer::write(const Work& work)
{
    if (writingNow == this) throw std::logic_error("a write within a write: hand the session on instead");
    const SteadyPoint deadline = std::chrono::steady_clock::now() + _busyDeadline;

    Part part{&work, Part::State::Waiting, nullptr, {}};
    std::unique_lock lock(_mutex);
    _waiting.push_back(&part);
    while (part.state != Part::State::Done)
    {
        if (part.state == Part::State::Waiting && !_isLed)
            lead(lock, part, deadline);
        else if (part.state == Part::State::Running)
            part.changed.wait(lock);
        else if (part.changed.wait_until(lock, deadline) == std::cv_status::timeout && part.state == Part::State::Waiting && _isLed)
        {
            withdraw(part);
            part.failure = lockedError();
            break;
        }
    }
    lock.unlock();
    if (part.failure) std::rethrow_exception(part.failure);
}

void Writer::lead(std::unique_lock<std::mutex>& lock, Part& self, SteadyPoint deadline)
{
    _isLed = true;
    lock.unlock();
    std::exception_ptr failure;
    Turnstile::Passage passage;
    try
    {
        passage = _turnstile.enter(deadline);
        if (!passage) failure = lockedError();
    }
    catch (...)
    {
        failure = std::current_exception();
    }
    lock.lock();

    if (failure)
    {
        // Only this one has waited for so long; the next leader has a deadline of its own.
        withdraw(self);
        self.failure = failure;
        self.state = Part::State::Done;
    }
    else
    {
        const auto count = static_cast<std::ptrdiff_t>(std::min(_waiting.size(), largestGroup));
        const std::vector<Part*> group(_waiting.begin(), _waiting.begin() + count);
        _waiting.erase(_waiting.begin(), _waiting.begin() + count);
        for (Part* part : group) part->state = Part::State::Running;
        lock.unlock();
        runGroup(group, deadline);
        passage.reset();
        lock.lock();
        for (Part* part : group)
        {
            part->state = Part::State::Done;
            // Under the lock: the part lives on its caller's stack, which goes on as soon as it is free.
            part->changed.notify_one();
        }
    }
    _isLed = false;
    if (!_waiting.empty()) _waiting.front()->changed.notify_one();
}

void Writer::runGroup(std::span<Part* const> group, SteadyPoint deadline) noexcept
{
    writingNow = this;
    try
    {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        _connection->setBusyTimeout(std::max(left, std::chrono::milliseconds(1)));
        _connection->prepare("BEGIN IMMEDIATE").run();
        Session session(*_connection, _database);
        runParts(session, group);
        if (_connection->isInTransaction()) _connection->prepare("COMMIT").run();
        finish(session);
    }
    catch (...)
    {
        // The whole transaction is gone; those whose own failure is known keep that.
        _connection->rollback();
        for (Part* part : group)
            if (!part->failure) part->failure = std::current_exception();
    }
    writingNow = nullptr;
}

void Writer::runParts(Session& session, std::span<Part* const> group)
{
    if (group.size() == 1)
    {
        // Alone: a throw may undo the whole transaction, and the savepoint's two statements are saved.
        (*group.front()->work)(session);
        return;
    }
    for (Part* part : group)
    {
        try
        {
            session.savepoint([&] { (*part->work)(session); });
        }
        catch (...)
        {
            part->failure = std::current_exception();
            // SQLite rolled back everything, what the parts before had written too.
            if (!_connection->isInTransaction()) throw;
        }
    }
}

void Writer::finish(const Session& session) noexcept
{
    for (const auto& action : session.actions()) action();
    for (unsigned topic = 0; topic < SharedPage::topicCount; ++topic)
        if ((session.announced() & (1U << topic)) != 0) ChangeSignal(_page.content().changes[topic]).raise();
}

std::size_t Writer::waiting()
{
    const std::lock_guard lock(_mutex);
    return _waiting.size();
}

bool Writer::checkpoint()
{
    // A connection of its own, so that the group's one stays free of readers' business; within the turnstile, so that no writer is in the
    // way. Only readers can be, and for those it waits but shortly: nobody writes meanwhile, and there is a next time.
    const auto passage = _turnstile.enter(std::chrono::steady_clock::now() + _busyDeadline);
    if (!passage) std::rethrow_exception(lockedError());
    Connection connection(_file, Connection::Access::Write, Durability::Full, readersHaveToEndWithin);
    auto result = connection.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    return result.step() && result.integer(0) == 0;
}

void Writer::withdraw(Part& part) { _waiting.erase(std::find(_waiting.begin(), _waiting.end(), &part)); }

std::exception_ptr Writer::lockedError() const
{
    return std::make_exception_ptr(
        StoreError(fmt::format("database {} is busy: its turn to write did not come within {} ms; look for a slow disk or a "
                               "stopped process that holds it, or raise store.busy_deadline",
                               _file.string(), _busyDeadline.count())));
}

} // namespace carillon::sqlite
