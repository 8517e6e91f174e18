#include "carillon/Errors.h"
#include "contract/store/RepositoriesContract.h"

namespace carillon::tests::store
{

using notification::Address;

Address DevicesContract::address(const std::string& value) { return {"token", value, "android", "wellness", now()}; }

std::vector<Address> DevicesContract::of(const std::string& userId) { return store().devices().addressesOf(std::vector{userId})[userId]; }

void DevicesContract::addressesAreGivenOldestFirst()
{
    const Address newest = address("a");
    Address oldest = address("b");
    oldest.registeredAt -= 1h;
    oldest.kind = "fid";
    oldest.platform = "ios";
    store().devices().put("user-7", newest);
    store().devices().put("user-7", oldest);
    store().devices().put("user-8", address("c"));

    const auto found = store().devices().addressesOf(std::vector<std::string>{"user-8", "user-7", "user-8"});

    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, found.size());
    CPPUNIT_ASSERT(found.at("user-7") == (std::vector{oldest, newest}));
    CPPUNIT_ASSERT(found.at("user-8") == std::vector{address("c")});
}

void DevicesContract::anUnknownUserIsAbsentAndOneWithoutDevicesIsEmpty()
{
    store().devices().addUser("bare");
    store().devices().put("former", address("a"));
    store().devices().remove("former", "a");

    const auto found = store().devices().addressesOf(std::vector<std::string>{"bare", "former", "unknown"});

    CPPUNIT_ASSERT(found.at("bare").empty());
    CPPUNIT_ASSERT(found.at("former").empty());
    CPPUNIT_ASSERT(!found.contains("unknown"));
}

void DevicesContract::puttingAgainReplaces()
{
    store().devices().put("user-7", address("a"));
    Address again = address("a");
    again.application = "diabetes";
    again.registeredAt += 1s;

    store().devices().put("user-7", again);
    store().devices().addUser("user-7");

    CPPUNIT_ASSERT(of("user-7") == std::vector{again});
}

void DevicesContract::anAddressMovesToWhoIsLoggedIn()
{
    store().devices().put("user-7", address("a"));

    store().devices().put("user-8", address("a"));

    CPPUNIT_ASSERT(of("user-7").empty());
    CPPUNIT_ASSERT(of("user-8") == std::vector{address("a")});
}

void DevicesContract::onlyItsUserRemovesAnAddress()
{
    store().devices().put("user-7", address("a"));

    store().devices().remove("user-8", "a");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, of("user-7").size());

    store().devices().remove("user-7", "a");
    CPPUNIT_ASSERT(of("user-7").empty());
}

void DevicesContract::aDeadAddressIsRemoved()
{
    store().devices().put("user-7", address("dead"));
    store().devices().put("user-7", address("alive"));
    clock().advance(1min);
    UnitOfWork work;
    store().devices().stageRemoval(work, "user-7", of("user-7")[1], "UNREGISTERED", now());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, of("user-7").size());

    ledger().commit(work, {}, {});

    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, of("user-7").size());
    CPPUNIT_ASSERT_EQUAL(std::string("alive"), of("user-7")[0].value);
}

void DevicesContract::anAddressRegisteredAgainSurvivesItsRemoval()
{
    const Address sentTo = address("a");
    store().devices().put("user-7", sentTo);
    const TimePoint sentAt = now();
    clock().advance(1s);
    store().devices().put("user-7", address("a"));

    UnitOfWork work;
    store().devices().stageRemoval(work, "user-7", sentTo, "UNREGISTERED", sentAt);
    ledger().commit(work, {}, {});

    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, of("user-7").size());
}

void DevicesContract::anAddressThatMovedSurvivesItsRemoval()
{
    store().devices().put("user-7", address("a"));
    store().devices().put("user-8", address("a"));

    UnitOfWork work;
    store().devices().stageRemoval(work, "user-7", address("a"), "UNREGISTERED", now() + 1h);
    ledger().commit(work, {}, {});

    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, of("user-8").size());
}

void DevicesContract::aRemovalIsPartOfItsTransaction()
{
    store().devices().put("user-7", address("a"));
    UnitOfWork work;
    store().devices().stageRemoval(work, "user-7", address("a"), "UNREGISTERED", now());
    work.stage([](StoreSession&) { throw VersionConflict("changed"); });

    CPPUNIT_ASSERT_THROW(ledger().commit(work, {}, {}), VersionConflict);

    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, of("user-7").size());
}

} // namespace carillon::tests::store
