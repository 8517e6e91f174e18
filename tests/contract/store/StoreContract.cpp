#include "contract/store/StoreContract.h"

#include <span>

namespace carillon::tests::store
{

StoreUnderTest::~StoreUnderTest() = default;

void StoreContract::setUp() { _underTest = make(); }

void StoreContract::tearDown() { _underTest.reset(); }

port::DecisionResult StoreContract::decide(const port::Decision& decision, const port::Ledger::Within& within)
{
    const auto results = ledger().decide({&decision, 1}, within);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, results.size());
    return results.front();
}

std::optional<port::InboxRow> StoreContract::rowOf(const Envelope& envelope)
{
    const port::MessageKey key{envelope.type, envelope.id};
    const auto rows = ledger().lookUp({&key, 1});
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rows.size());
    return rows.front();
}

Envelope envelopeOf(const std::string& id, int turn, const std::string& type)
{
    Envelope envelope;
    envelope.id = id;
    envelope.type = type;
    envelope.version = 3;
    // A zero byte and a quote: bodies are bytes, handed on as they came.
    envelope.body = std::string("{\"title\":\"é 🔔 'x'\"}\0", 24);
    envelope.headers = {{"x-service", "diabetes"}, {"x-quoted", "a \"b\" \\ c"}};
    envelope.attempt = turn;
    envelope.turn = turn;
    envelope.priority = 5;
    envelope.publishedAt = TimePoint{1'789'999'999'123ms};
    envelope.dueAt = TimePoint{1'790'000'000'456ms};
    envelope.expiresAt = TimePoint{1'790'100'000'000ms};
    envelope.traceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    envelope.dedupeKey = "dedupe-" + id;
    envelope.concurrencyKey = "user-7";
    envelope.service = "diabetes";
    return envelope;
}

port::Decision decisionOf(const Envelope& envelope, port::Decided decided)
{
    port::Decision decision;
    decision.envelope = &envelope;
    decision.decided = decided;
    decision.transport = "notifications";
    return decision;
}

port::Decision failedOf(const Envelope& envelope, port::Decided decided, const std::string& reason, TimePoint at)
{
    port::Decision decision = decisionOf(envelope, decided);
    decision.failure = port::Failure{at, envelope.attempt, "unavailable", reason};
    if (!port::isFinal(decided)) decision.dueAt = at + 2s;
    return decision;
}

port::OutboxMessage outboxOf(const std::string& transport, Envelope envelope) { return {0, transport, std::move(envelope)}; }

} // namespace carillon::tests::store
