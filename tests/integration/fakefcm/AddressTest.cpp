#include "integration/fakefcm/FcmClient.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

using namespace std::chrono_literals;

class AddressTest : public FakeFcmFixture
{
    CPPUNIT_TEST_SUITE(AddressTest);
    CPPUNIT_TEST(unregisteredAddressIsNotFound);
    CPPUNIT_TEST(addressOfAnotherSenderIsForbidden);
    CPPUNIT_TEST(deviceThatAppleForgotIsReportedByApnsError);
    CPPUNIT_TEST(addressNobodyRegisteredIsInvalid);
    CPPUNIT_TEST(acceptAnyTakesEveryAddress);
    CPPUNIT_TEST(installationIdIsAnotherKindThanToken);
    CPPUNIT_TEST(slowAddressIsAnsweredLate);
    CPPUNIT_TEST(throttledAddressRefillsWithTheMinute);
    CPPUNIT_TEST(stateCanChangeAtAnyTime);
    CPPUNIT_TEST_SUITE_END();

public:
    void unregisteredAddressIsNotFound()
    {
        fake().registerAddress("gone", "unregistered");
        const Reply reply = client().send(dataMessage("gone"));
        CPPUNIT_ASSERT_EQUAL(404L, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("NOT_FOUND"), reply.rpcStatus());
        CPPUNIT_ASSERT_EQUAL(std::string("UNREGISTERED"), reply.fcmErrorCode());
        CPPUNIT_ASSERT_EQUAL(std::string("Requested entity was not found."), reply.message());
        CPPUNIT_ASSERT(fake().journal().empty());
        CPPUNIT_ASSERT_EQUAL(std::string("UNREGISTERED"), fake().requestsTo("gone").front().errorCode);
    }

    void addressOfAnotherSenderIsForbidden()
    {
        fake().registerAddress("theirs", "mismatched");
        const Reply reply = client().send(dataMessage("theirs"));
        CPPUNIT_ASSERT_EQUAL(403L, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("PERMISSION_DENIED"), reply.rpcStatus());
        CPPUNIT_ASSERT_EQUAL(std::string("SENDER_ID_MISMATCH"), reply.fcmErrorCode());
    }

    void deviceThatAppleForgotIsReportedByApnsError()
    {
        fake().registerAddress("iphone", "apns-dead");
        const Reply reply = client().send(dataMessage("iphone"));
        CPPUNIT_ASSERT_EQUAL(400L, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("INVALID_ARGUMENT"), reply.fcmErrorCode());
        CPPUNIT_ASSERT_EQUAL(410, reply.detail("ApnsError").at("statusCode").get<int>());
        CPPUNIT_ASSERT_EQUAL(std::string("Unregistered"), reply.detail("ApnsError").at("reason").get<std::string>());
    }

    void addressNobodyRegisteredIsInvalid()
    {
        fake().registerAddress("never", "invalid");
        for (const char* address : {"stranger", "never"})
        {
            const Reply reply = client().send(dataMessage(address));
            CPPUNIT_ASSERT_EQUAL(400L, reply.status);
            CPPUNIT_ASSERT_EQUAL(std::string("INVALID_ARGUMENT"), reply.fcmErrorCode());
            CPPUNIT_ASSERT_EQUAL(std::string("The registration token is not a valid FCM registration token"), reply.message());
        }
    }

    void acceptAnyTakesEveryAddress()
    {
        start({"--accept-any"});
        fake().registerAddress("gone", "unregistered");
        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("stranger")).status);
        CPPUNIT_ASSERT_EQUAL(404L, client().send(dataMessage("gone")).status);
    }

    void installationIdIsAnotherKindThanToken()
    {
        fake().registerAddresses({{.text = "f", .kind = "fid"}});
        CPPUNIT_ASSERT_EQUAL(200L, client().send({{"fid", "f"}}).status);
        CPPUNIT_ASSERT_EQUAL(400L, client().send({{"token", "f"}}).status);
        CPPUNIT_ASSERT_EQUAL(std::string("fid"), fake().journal().front().kind);
    }

    void slowAddressIsAnsweredLate()
    {
        fake().registerAddresses({{.text = "slow", .state = "slow", .slow = 300ms}, {.text = "quick"}});

        const auto replies = client().postAll({client().sendRequest(Json{{"message", dataMessage("slow")}}.dump()),
                                               client().sendRequest(Json{{"message", dataMessage("quick")}}.dump())});

        CPPUNIT_ASSERT_EQUAL(200L, replies[0].status);
        CPPUNIT_ASSERT_EQUAL(200L, replies[1].status);
        CPPUNIT_ASSERT(replies[0].took >= 300ms);
        CPPUNIT_ASSERT(replies[1].took < replies[0].took);
        CPPUNIT_ASSERT_EQUAL(std::chrono::milliseconds(300), fake().requestsTo("slow").front().delay);
    }

    void throttledAddressRefillsWithTheMinute()
    {
        start({"--virtual-clock"});
        fake().registerAddresses({{.text = "a", .state = "throttled", .perMinute = 2}});

        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("a")).status);
        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("a")).status);
        const Reply third = client().send(dataMessage("a"));
        CPPUNIT_ASSERT_EQUAL(429L, third.status);
        CPPUNIT_ASSERT_EQUAL(std::string("QUOTA_EXCEEDED"), third.fcmErrorCode());
        CPPUNIT_ASSERT(!third.detail("QuotaFailure").is_null());
        fake().advanceClock(59s);
        CPPUNIT_ASSERT_EQUAL(429L, client().send(dataMessage("a")).status);
        fake().advanceClock(1s);
        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("a")).status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, fake().journal().size());
    }

    void stateCanChangeAtAnyTime()
    {
        fake().registerAddress("a");
        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("a")).status);
        fake().registerAddress("a", "unregistered");
        CPPUNIT_ASSERT_EQUAL(404L, client().send(dataMessage("a")).status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AddressTest);

} // namespace carillon::tests
