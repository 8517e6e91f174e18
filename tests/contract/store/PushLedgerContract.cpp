#include "carillon/Errors.h"
#include "contract/store/RepositoriesContract.h"

namespace carillon::tests::store
{

using port::PushRecord;
using port::PushState;

PushRecord PushLedgerContract::record(const std::string& messageId, const std::string& hash, PushState state)
{
    return {messageId, hash, state, 2, 1, "projects/p/messages/7", "UNAVAILABLE", now()};
}

std::vector<PushRecord> PushLedgerContract::of(const std::string& messageId)
{
    return store().pushLedger().recordsOf(std::vector{messageId})[messageId];
}

void PushLedgerContract::recordsAreFoundByTheirMessages()
{
    const std::vector records{record("m1", "aa", PushState::Accepted), record("m1", "bb", PushState::Unknown),
                              record("m2", "aa", PushState::Open)};
    store().pushLedger().write(records);

    const auto found = store().pushLedger().recordsOf(std::vector<std::string>{"m2", "missing", "m1", "m1"});

    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, found.size());
    CPPUNIT_ASSERT(found.at("m1") == (std::vector{records[0], records[1]}));
    CPPUNIT_ASSERT(found.at("m2") == std::vector{records[2]});
    CPPUNIT_ASSERT(store().pushLedger().recordsOf({}).empty());
}

void PushLedgerContract::writingAgainReplaces()
{
    store().pushLedger().write(std::vector{record("m1", "aa", PushState::Intent)});
    PushRecord settled = record("m1", "aa", PushState::Failed);
    settled.sends = 3;
    settled.code = "UNREGISTERED";

    store().pushLedger().write(std::vector{settled});

    CPPUNIT_ASSERT(of("m1") == std::vector{settled});
}

void PushLedgerContract::anIntentDoesNotReplaceAnAcceptance()
{
    PushRecord accepted = record("m1", "aa", PushState::Accepted);
    accepted.providerMessageId = "p1";
    store().pushLedger().write(std::vector{accepted});
    PushRecord late = record("m1", "aa", PushState::Intent);
    late.sends = 2;

    UnitOfWork work;
    store().pushLedger().stageWrite(work, {late, record("m1", "bb", PushState::Intent)});
    ledger().commit(work, {}, {});

    const std::vector expected{accepted, record("m1", "bb", PushState::Intent)};
    CPPUNIT_ASSERT(of("m1") == expected);
}

void PushLedgerContract::aStagedWriteIsPartOfItsTransaction()
{
    UnitOfWork work;
    store().pushLedger().stageWrite(work, {record("m1", "aa"), record("m1", "bb")});
    UnitOfWork failing = work;
    failing.stage([](StoreSession&) { throw VersionConflict("changed"); });
    CPPUNIT_ASSERT_THROW(ledger().commit(failing, {}, {}), VersionConflict);
    CPPUNIT_ASSERT(of("m1").empty());

    ledger().commit(work, {}, {});

    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, of("m1").size());
}

void PushLedgerContract::sweepForgetsOldRecords()
{
    store().pushLedger().write(std::vector{record("m1", "aa"), record("m1", "bb"), record("m2", "aa")});
    clock().advance(1h);
    store().pushLedger().write(std::vector{record("m3", "aa")});

    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, store().pushLedger().sweep(now(), 2));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, store().pushLedger().sweep(now(), 2));

    CPPUNIT_ASSERT(of("m1").empty());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, of("m3").size());
}

} // namespace carillon::tests::store
