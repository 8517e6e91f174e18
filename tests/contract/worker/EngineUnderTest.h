#pragma once

#include "chain/DeadlineMiddleware.h"
#include "chain/DedupeMiddleware.h"
#include "chain/MetricsMiddleware.h"
#include "chain/RetryMiddleware.h"
#include "chain/TraceMiddleware.h"
#include "chain/TransactionMiddleware.h"
#include "publish/Publisher.h"
#include "stores/sqlite/SqliteStore.h"
#include "support/TemporaryDirectory.h"
#include "transports/memory/MemoryTransport.h"
#include "transports/sqlite/SqliteTransport.h"
#include "worker/WorkerPool.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace carillon::tests
{

/// A handler that does what the test says.
class TestHandler final : public Handler
{
public:
    using Act = std::function<Outcome(const Envelope&, Context&)>;
    explicit TestHandler(Act act, std::function<void(const Envelope&, Context&)> gaveUp = {}) : _act(std::move(act)), _gaveUp(std::move(gaveUp)) {}
    Outcome handle(const Envelope& envelope, Context& context) override { return _act(envelope, context); }
    void gaveUp(const Envelope& envelope, Context& context, const std::string&) override
    {
        if (_gaveUp) _gaveUp(envelope, context);
    }

private:
    Act _act;
    std::function<void(const Envelope&, Context&)> _gaveUp;
};

/// Store, two transports (`jobs`, `follow`), publisher, chain and pool, as a worker process has them, in a folder of the test's own.
class EngineUnderTest
{
public:
    /// `joined`: the transports share the store's file; else they are in memory and follow-ups go through the outbox.
    explicit EngineUnderTest(bool joined)
    {
        _database = sqlite::Database::open(_folder / "test.db", {.durability = sqlite::Durability::Normal});
        _store = std::make_unique<stores::sqlite::SqliteStore>(_database);
        _store->setUp();
        _jobs = transport("jobs", joined);
        _follow = transport("follow", joined);
        _router.add("test.job", {_jobs.get()});
        _router.add("test.unknown", {_jobs.get()});
        _router.add("test.follow", {_follow.get()});
        publish::MessageType rules;
        rules.plugin = "test";
        _catalogue.add("test.job", rules);
        _publisher = std::make_unique<publish::Publisher>(_router, _catalogue, schema::BodyLimits{}, _store->ledger(), *_store, systemClock());
        _board = metrics::Board::inMemory();
        _registry = std::make_unique<metrics::MetricsRegistry>(*_board);
        _slots = std::make_unique<metrics::SlotTable>(*_board);
        _metrics = std::make_unique<chain::JobMetrics>(*_registry, Logger{});
    }

    ~EngineUnderTest() { stop(); }

    void handle(std::unique_ptr<TestHandler> handler, TransactionKind kind = TransactionKind::Each, const std::string& schema = {})
    {
        const RetryPolicy policy{3, std::chrono::milliseconds(5), 2.0, std::chrono::milliseconds(0), 0.0};
        worker::HandledType type;
        type.type = "test.job";
        type.plugin = "test";
        type.options.transaction = kind;
        type.retry = policy;
        if (!schema.empty()) type.schema = std::make_shared<schema::Schema>(schema);
        std::vector<chain::Layer> layers;
        layers.push_back({"trace", std::make_unique<chain::TraceMiddleware>()});
        layers.push_back({"metrics", std::make_unique<chain::MetricsMiddleware>(*_metrics, "test.job", systemClock())});
        layers.push_back({"dedupe", std::make_unique<chain::DedupeMiddleware>(kind, _store->ledger())});
        layers.push_back({"deadline", std::make_unique<chain::DeadlineMiddleware>(type.options.timeout, systemClock(), Logger{})});
        layers.push_back({"retry", std::make_unique<chain::RetryMiddleware>(policy, systemClock(), Logger{})});
        layers.push_back({"transaction", std::make_unique<chain::TransactionMiddleware>(kind)});
        type.chain = std::make_unique<chain::Chain>(std::move(layers), std::move(handler));
        _types.emplace("test.job", std::move(type));
    }

    void start(std::size_t threads = 4, worker::WorkLimits limits = {})
    {
        std::vector<worker::Source> sources(1);
        sources[0].transport = _jobs.get();
        sources[0].consumer = _jobs->consume({});
        sources[0].joinsStore = _jobs->joins(*_store);
        sources[0].keepsDelays = _jobs->capabilities().keepsDelays;
        worker::WorkerPool::Options options;
        options.threads = threads;
        options.limits = limits;
        _pool = std::make_unique<worker::WorkerPool>(std::move(sources), _types, *_store, *_publisher, *_registry, *_slots, options, systemClock(), Logger{});
        _pool->start();
    }

    void stop() { _pool.reset(); }

    static Envelope job(const std::string& id, const std::string& body = "{}")
    {
        Envelope envelope;
        envelope.id = id;
        envelope.type = "test.job";
        envelope.body = body;
        return envelope;
    }

    /// Waits until it is so; fails the test when it is not within the time.
    static void await(const std::string& what, const std::function<bool()>& isSo)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!isSo())
        {
            CPPUNIT_ASSERT_MESSAGE("not within 20 s: " + what, std::chrono::steady_clock::now() < end);
            std::this_thread::yield();
        }
    }

    std::uint64_t tally(port::Decided decided)
    {
        const auto tallies = _store->ledger().tallies();
        const auto type = tallies.find("test.job");
        if (type == tallies.end()) return 0;
        const auto count = type->second.find(decided);
        return count == type->second.end() ? 0 : count->second;
    }

    std::optional<port::InboxRow> row(const std::string& id)
    {
        const port::MessageKey key{"test.job", id};
        return _store->ledger().lookUp({&key, 1}).front();
    }

    port::Store& store() { return *_store; }
    port::Transport& jobs() { return *_jobs; }
    port::Transport& follow() { return *_follow; }
    const publish::Router& router() { return _router; }
    const publish::Publisher& publisher() { return *_publisher; }
    metrics::MetricsRegistry& registry() { return *_registry; }
    worker::WorkerPool& pool() { return *_pool; }

private:
    std::unique_ptr<port::Transport> transport(const std::string& name, bool joined)
    {
        if (!joined)
        {
            transports::memory::MemoryTransportOptions options;
            options.name = name;
            options.queues = {name};
            return std::make_unique<transports::memory::MemoryTransport>(options);
        }
        transports::sqlite::SqliteTransportOptions options;
        options.name = name;
        options.queues = {name};
        auto made = std::make_unique<transports::sqlite::SqliteTransport>(_database, options);
        made->setUp();
        return made;
    }

    TemporaryDirectory _folder;
    std::shared_ptr<sqlite::Database> _database;
    std::unique_ptr<port::Store> _store;
    std::unique_ptr<port::Transport> _jobs;
    std::unique_ptr<port::Transport> _follow;
    publish::Router _router;
    publish::MessageCatalogue _catalogue;
    std::unique_ptr<publish::Publisher> _publisher;
    std::unique_ptr<metrics::Board> _board;
    std::unique_ptr<metrics::MetricsRegistry> _registry;
    std::unique_ptr<metrics::SlotTable> _slots;
    std::unique_ptr<chain::JobMetrics> _metrics;
    worker::HandledTypes _types;
    std::unique_ptr<worker::WorkerPool> _pool;
};

} // namespace carillon::tests
