#include "transports/sqlite/SqliteTransport.h"

#include "carillon/Errors.h"
#include "transports/sqlite/Publishing.h"
#include "transports/sqlite/Schema.h"
#include "transports/sqlite/SqliteConsumer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

namespace carillon::transports::sqlite
{
namespace
{

using carillon::sqlite::Session;

/// Purging locks out all other writers for so many messages at a time.
constexpr std::size_t purgeStep = 2000;

std::vector<port::PublishResult> refuseAll(std::span<const Envelope> envelopes, const std::string& reason)
{
    std::vector<port::PublishResult> results;
    for (const Envelope& envelope : envelopes) results.push_back({port::PublishResult::Status::Refused, envelope.id, reason});
    return results;
}

std::vector<Queue> createQueues(Session& session, const std::vector<std::string>& names)
{
    std::vector<Queue> queues;
    for (const std::string& name : names)
    {
        session.prepare("INSERT INTO queues(name) VALUES(?1) ON CONFLICT DO NOTHING").bind(name).run();
        auto row = session.prepare("SELECT id FROM queues WHERE name = ?1").bind(name);
        row.step();
        queues.push_back({row.integer(0), name});
    }
    return queues;
}

} // namespace

SqliteTransport::SqliteTransport(std::shared_ptr<carillon::sqlite::Database> database, SqliteTransportOptions options, const Clock& clock,
                                 const carillon::sqlite::BootClock& bootClock)
    : _database(std::move(database)),
      _options(std::move(options)),
      _clock(clock),
      _bootClock(bootClock)
{
    if (_options.queues.empty() || std::ranges::count(_options.queues, std::string()) > 0)
        throw ConfigurationError(
            fmt::format("transport '{}' has a queue without a name; set transports.{}.queue", _options.name, _options.name));
}

SqliteTransport::~SqliteTransport() = default;

template <typename Act>
auto SqliteTransport::asTransport(Act&& act) const -> std::invoke_result_t<Act>
{
    try
    {
        return act();
    }
    catch (const StoreError& error)
    {
        throw TransportError(fmt::format("transport '{}': {}", _options.name, error.what()));
    }
}

port::TransportCapabilities SqliteTransport::capabilities() const
{
    return {.isDurable = true, .keepsDelays = true, .hasPriorities = true, .canInspect = true, .canDeduplicate = true};
}

void SqliteTransport::setUp()
{
    const std::lock_guard lock(_setUpMutex);
    if (_isSetUp) return;
    asTransport(
        [&]
        {
            _database->migrate(schemaComponent, schemaSteps());
            _queues = _database->write(
                [&](Session& session)
                {
                    endLeasesOfOtherBoots(session, _bootClock.bootId());
                    return createQueues(session, _options.queues);
                });
        });
    _isSetUp = true;
}

const std::vector<Queue>& SqliteTransport::queues()
{
    if (!_isSetUp) setUp();
    return _queues;
}

const Queue& SqliteTransport::queueNamed(const std::string& name)
{
    const auto& all = queues();
    const auto found = std::ranges::find(all, name, &Queue::name);
    if (found == all.end())
        throw TransportError(
            fmt::format("transport '{}' has no queue '{}'; it has: {}", _options.name, name, fmt::join(_options.queues, ", ")));
    return *found;
}

std::vector<port::PublishResult> SqliteTransport::publish(std::span<const Envelope> envelopes)
{
    return asTransport(
        [&]
        {
            queues();
            try
            {
                return _database->write([&](Session& session) { return insertAll(session, envelopes); });
            }
            catch (const StorageFull& full)
            {
                return refuseAll(envelopes, full.what());
            }
        });
}

bool SqliteTransport::joins(const port::Store& store) const
{
    const auto* sharing = dynamic_cast<const carillon::sqlite::SharesDatabase*>(&store);
    return sharing && &sharing->database() == _database.get();
}

std::vector<port::PublishResult> SqliteTransport::publishWithin(StoreSession& session, std::span<const Envelope> envelopes)
{
    if (!_isSetUp)
        throw std::logic_error("transport '" + _options.name + "' is not set up: call setUp() before publishing within a session");
    return insertAll(Session::of(session, *_database), envelopes);
}

std::vector<port::PublishResult> SqliteTransport::insertAll(Session& session, std::span<const Envelope> envelopes)
{
    try
    {
        _database->requireSpace();
    }
    catch (const StorageFull& full)
    {
        return refuseAll(envelopes, full.what());
    }
    const PublishTarget target{_queues.front().id, _options.maxBody, _options.name};
    const TimePoint now = _clock.now();
    std::vector<port::PublishResult> results;
    results.reserve(envelopes.size());
    for (const Envelope& envelope : envelopes) results.push_back(insertMessage(session, target, envelope, now));
    return results;
}

std::unique_ptr<port::Consumer> SqliteTransport::consume(const port::ConsumerOptions& options)
{
    std::vector<Queue> from;
    for (const std::string& name : options.queues) from.push_back(queueNamed(name));
    if (from.empty()) from = queues();
    return std::make_unique<SqliteConsumer>(SqliteConsumer::Source{_database, _options.name, std::move(from), _clock, _bootClock}, options);
}

std::vector<port::QueueStats> SqliteTransport::stats()
{
    return asTransport(
        [&]
        {
            queues();
            return _database->read(
                [&](Session& session)
                {
                    std::vector<port::QueueStats> result;
                    for (const Queue& queue : _queues) result.push_back(queueStats(session, queue, moment()));
                    return result;
                });
        });
}

void SqliteTransport::setPaused(const std::string& queue, bool paused)
{
    asTransport([&] { _database->write([&, &target = queueNamed(queue)](Session& session) { setQueuePaused(session, target, paused); }); });
}

std::uint64_t SqliteTransport::purge(const std::string& queue)
{
    return asTransport(
        [&]
        {
            const Queue& target = queueNamed(queue);
            const std::int64_t end = _database->read([](Session& session) { return endOfSequences(session); });
            std::uint64_t total = 0;
            for (std::uint64_t removed = purgeStep; removed == purgeStep; total += removed)
                removed = _database->write([&](Session& session) { return purgeSome(session, target, end, purgeStep); });
            return total;
        });
}

std::vector<port::QueuedMessage> SqliteTransport::inspect(const std::string& queue, std::size_t limit, const std::string& afterId)
{
    return asTransport(
        [&]
        {
            const Queue& target = queueNamed(queue);
            return _database->read([&](Session& session) { return inspectQueue(session, target, moment(), limit, afterId); });
        });
}

std::optional<port::QueuedMessage> SqliteTransport::find(const std::string& id)
{
    return asTransport(
        [&]
        {
            queues();
            return _database->read([&](Session& session) { return findMessage(session, _queues, moment(), id); });
        });
}

bool SqliteTransport::cancel(const std::string& id)
{
    return asTransport(
        [&]
        {
            queues();
            return _database->write([&](Session& session) { return cancelMessage(session, _queues, id); });
        });
}

bool SqliteTransport::cancelWithin(StoreSession& session, const std::string& id)
{
    if (!_isSetUp)
        throw std::logic_error("transport '" + _options.name + "' is not set up: call setUp() before cancelling within a session");
    return cancelMessage(Session::of(session, *_database), _queues, id);
}

bool SqliteTransport::reschedule(const std::string& id, TimePoint dueAt)
{
    return asTransport(
        [&]
        {
            queues();
            return _database->write([&](Session& session) { return rescheduleMessage(session, _queues, id, dueAt); });
        });
}

} // namespace carillon::transports::sqlite
