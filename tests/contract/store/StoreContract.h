#pragma once

#include "carillon/Clock.h"
#include "carillon/Envelope.h"
#include "port/Ledger.h"
#include "port/Store.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace carillon::tests::store
{

using namespace std::chrono_literals;

/// A clock that stands still until the test turns it. Thread-safe.
class ManualClock final : public Clock
{
public:
    TimePoint now() const override { return TimePoint{std::chrono::milliseconds{_now.load()}}; }
    SteadyPoint steady() const override { return SteadyPoint{std::chrono::milliseconds{_now.load()}}; }
    void advance(std::chrono::milliseconds by) { _now += by.count(); }

private:
    std::atomic<std::int64_t> _now{1'790'000'000'000};
};

/// What an adapter gives to the suite: a store of its own for one test, set up and empty, and a way to let time pass.
class StoreUnderTest
{
public:
    virtual ~StoreUnderTest();

    virtual port::Store& store() = 0;
    /// The same database opened once more, as another process would: nothing in memory is shared.
    virtual std::unique_ptr<port::Store> openAgain() = 0;
    virtual ManualClock& clock() = 0;
    /// Lets the clock pass by which leases and claims are measured, whatever it is.
    virtual void passLeaseTime(std::chrono::milliseconds by) = 0;
};

/// The base of each suite. An adapter derives from every suite, gives make(), and registers it: that is all it needs to run the contract.
class StoreContract : public CppUnit::TestFixture
{
public:
    void setUp() override;
    void tearDown() override;

protected:
    virtual std::unique_ptr<StoreUnderTest> make() = 0;

    port::Store& store() { return _underTest->store(); }
    port::Ledger& ledger() { return store().ledger(); }
    ManualClock& clock() { return _underTest->clock(); }
    TimePoint now() { return clock().now(); }
    StoreUnderTest& underTest() { return *_underTest; }

    /// One decision, as the worker makes it for a batch of one.
    port::DecisionResult decide(const port::Decision& decision, const port::Ledger::Within& within = {});
    std::optional<port::InboxRow> rowOf(const Envelope& envelope);

private:
    std::unique_ptr<StoreUnderTest> _underTest;
};

/// An envelope with every field set, so that a field that is not kept shows.
Envelope envelopeOf(const std::string& id, int turn = 1, const std::string& type = "notification.send");
port::Decision decisionOf(const Envelope& envelope, port::Decided decided);
/// The same with a failure, as retry, dead and expired have it.
port::Decision failedOf(const Envelope& envelope, port::Decided decided, const std::string& reason, TimePoint at);
port::OutboxMessage outboxOf(const std::string& transport, Envelope envelope);

} // namespace carillon::tests::store

/// Runs `Contract` for an adapter: `UnderTest` must be default-constructible and derive from StoreUnderTest.
#define CARILLON_RUN_STORE_CONTRACT(Contract, UnderTest)                                                                                   \
    class UnderTest##_##Contract final : public Contract                                                                                   \
    {                                                                                                                                      \
        CPPUNIT_TEST_SUB_SUITE(UnderTest##_##Contract, Contract);                                                                          \
        CPPUNIT_TEST_SUITE_END();                                                                                                          \
        std::unique_ptr<StoreUnderTest> make() override { return std::make_unique<UnderTest>(); }                                          \
    };                                                                                                                                     \
    CPPUNIT_TEST_SUITE_REGISTRATION(UnderTest##_##Contract)
