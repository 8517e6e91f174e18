#include "push/fcm/FcmMessage.h"

#include <cppunit/extensions/HelperMacros.h>
#include <nlohmann/json.hpp>

namespace carillon::push::fcm
{

using namespace std::chrono_literals;
using nlohmann::json;

/// The vectors of reference/fcm.md 1.9 that a push to one device can have: R1, R4, R5, R6, R7; X1, X3 (kind), X4, X11.
class FcmMessageTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FcmMessageTest);
    CPPUNIT_TEST(aWholePushIsWrittenAsFcmWantsIt);
    CPPUNIT_TEST(aTokenAloneIsADataMessageThatNamesItsToken);
    CPPUNIT_TEST(anInstallationIdIsTheTarget);
    CPPUNIT_TEST(noDataIsNoMember);
    CPPUNIT_TEST(theTimeToLiveIsWholeSecondsRoundedDown);
    CPPUNIT_TEST(nowOrNeverIsZeroSeconds);
    CPPUNIT_TEST(aLongLifeIsCutToFcmsLongest);
    CPPUNIT_TEST(aPushThatDoesNotExpireGetsTheConfiguredLife);
    CPPUNIT_TEST(urgencyIsHighPriority);
    CPPUNIT_TEST(dataAloneGoesToApnsWithoutUrgency);
    CPPUNIT_TEST(aPublicPushSaysNothingOfVisibility);
    CPPUNIT_TEST(aDryRunIsOnlyValidated);
    CPPUNIT_TEST(accentsAndEmojiPassAsTheyAre);
    CPPUNIT_TEST(aPushWithoutAddressIsRefused);
    CPPUNIT_TEST(anotherKindOfAddressIsRefused);
    CPPUNIT_TEST(reservedKeysAreRefusedAndOthersNot);
    CPPUNIT_TEST(anExpiredPushIsRefused);
    CPPUNIT_TEST(aTagOfMoreThan64BytesIsRefused);
    CPPUNIT_TEST(whatIsNoUtf8IsRefusedWhereverItIs);
    CPPUNIT_TEST(morePayloadThanFcmTakesIsRefused);
    CPPUNIT_TEST(noRefusalHoldsAddressOrContent);
    CPPUNIT_TEST_SUITE_END();

    const TimePoint _now = fromRfc3339("2026-11-23T08:00:00.500Z");

    static PushRequest request()
    {
        PushRequest push;
        push.addressKind = "token";
        push.address = "test-token";
        return push;
    }

    json written(const PushRequest& push, FcmMessageOptions options = {}) const
    {
        std::string text;
        const auto refused = FcmMessage(options).write(push, _now, text);
        CPPUNIT_ASSERT_MESSAGE(refused ? refused->code : "", !refused);
        return json::parse(text);
    }

    std::string refusedBecause(const PushRequest& push) const
    {
        std::string text;
        const auto refused = FcmMessage({}).write(push, _now, text);
        if (!refused) return "taken";
        CPPUNIT_ASSERT(refused->outcome == PushOutcome::PayloadRefused);
        CPPUNIT_ASSERT_EQUAL(0, refused->httpStatus);
        return refused->code;
    }

    std::string ttlOf(std::chrono::milliseconds life) const
    {
        PushRequest push = request();
        push.expiresAt = _now + life;
        return written(push)["message"]["android"]["ttl"];
    }

public:
    void aWholePushIsWrittenAsFcmWantsIt()
    {
        PushRequest push = request();
        push.title = "Rappel";
        push.body = "Il est l’heure";
        push.data = {{"reminder_id", "r1"}, {"occurrence", "3"}};
        push.tag = "019395a0-7c1e-7000-8000-000000000001";
        push.isUrgent = true;
        push.expiresAt = _now + 1h;

        CPPUNIT_ASSERT_EQUAL(json::parse(R"({"message":{
                "token":"test-token",
                "notification":{"title":"Rappel","body":"Il est l’heure"},
                "data":{"occurrence":"3","reminder_id":"r1"},
                "android":{"priority":"HIGH","ttl":"3600s","notification":{"tag":"019395a0-7c1e-7000-8000-000000000001","visibility":"PRIVATE"}},
                "apns":{"headers":{"apns-collapse-id":"019395a0-7c1e-7000-8000-000000000001","apns-expiration":"1795424400","apns-priority":"10"}}
            }})"),
                             written(push));
    }

    void aTokenAloneIsADataMessageThatNamesItsToken()
    {
        const json message = written(request())["message"];

        CPPUNIT_ASSERT_EQUAL(json("test-token"), message["token"]);
        CPPUNIT_ASSERT(!message.contains("notification"));
        CPPUNIT_ASSERT(!message["android"].contains("notification"));
        CPPUNIT_ASSERT(!message["apns"]["headers"].contains("apns-collapse-id"));
    }

    void anInstallationIdIsTheTarget()
    {
        PushRequest push = request();
        push.addressKind = "fid";
        const json message = written(push)["message"];
        CPPUNIT_ASSERT_EQUAL(json("test-token"), message["fid"]);
        CPPUNIT_ASSERT(!message.contains("token"));
    }

    void noDataIsNoMember() { CPPUNIT_ASSERT(!written(request())["message"].contains("data")); }

    void theTimeToLiveIsWholeSecondsRoundedDown()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("10s"), ttlOf(10s));
        CPPUNIT_ASSERT_EQUAL(std::string("123s"), ttlOf(123450ms));
        CPPUNIT_ASSERT_EQUAL(std::string("86500s"), ttlOf(86500s));
    }

    void nowOrNeverIsZeroSeconds()
    {
        PushRequest push = request();
        push.expiresAt = _now + 999ms;
        const json message = written(push)["message"];
        CPPUNIT_ASSERT_EQUAL(json("0s"), message["android"]["ttl"]);
        CPPUNIT_ASSERT_EQUAL(json("0"), message["apns"]["headers"]["apns-expiration"]);
    }

    void aLongLifeIsCutToFcmsLongest() { CPPUNIT_ASSERT_EQUAL(std::string("2419200s"), ttlOf(60 * 24h)); }

    void aPushThatDoesNotExpireGetsTheConfiguredLife()
    {
        CPPUNIT_ASSERT_EQUAL(json("2419200s"), written(request())["message"]["android"]["ttl"]);
        CPPUNIT_ASSERT_EQUAL(json("600s"), written(request(), {.ttl = 600s})["message"]["android"]["ttl"]);
    }

    void urgencyIsHighPriority()
    {
        PushRequest push = request();
        push.title = "t";
        CPPUNIT_ASSERT_EQUAL(json("NORMAL"), written(push)["message"]["android"]["priority"]);
        CPPUNIT_ASSERT_EQUAL(json("5"), written(push)["message"]["apns"]["headers"]["apns-priority"]);
        push.isUrgent = true;
        CPPUNIT_ASSERT_EQUAL(json("HIGH"), written(push)["message"]["android"]["priority"]);
        CPPUNIT_ASSERT_EQUAL(json("10"), written(push)["message"]["apns"]["headers"]["apns-priority"]);
    }

    void dataAloneGoesToApnsWithoutUrgency()
    {
        PushRequest push = request();
        push.data = {{"k", "v"}};
        push.isUrgent = true;
        CPPUNIT_ASSERT_EQUAL(json("5"), written(push)["message"]["apns"]["headers"]["apns-priority"]);
    }

    void aPublicPushSaysNothingOfVisibility()
    {
        PushRequest push = request();
        push.title = "t";
        push.isPrivate = false;
        CPPUNIT_ASSERT(!written(push)["message"]["android"].contains("notification"));
        push.tag = "tag";
        CPPUNIT_ASSERT_EQUAL(json::parse(R"({"tag":"tag"})"), written(push)["message"]["android"]["notification"]);
    }

    void aDryRunIsOnlyValidated()
    {
        PushRequest push = request();
        CPPUNIT_ASSERT(!written(push).contains("validateOnly"));
        CPPUNIT_ASSERT_EQUAL(json(true), written(push, {.validateOnly = true})["validateOnly"]);
        push.isDryRun = true;
        CPPUNIT_ASSERT_EQUAL(json(true), written(push)["validateOnly"]);
    }

    void accentsAndEmojiPassAsTheyAre()
    {
        PushRequest push = request();
        push.title = "É\"\\\n\x01 \xF0\x9F\x92\x8A";
        push.data = {{"clé", std::string("a\0b", 3)}};
        CPPUNIT_ASSERT_EQUAL(json(push.title), written(push)["message"]["notification"]["title"]);
        CPPUNIT_ASSERT_EQUAL(json(std::string("a\0b", 3)), written(push)["message"]["data"]["clé"]);
    }

    void aPushWithoutAddressIsRefused()
    {
        PushRequest push = request();
        push.address.clear();
        CPPUNIT_ASSERT_EQUAL(std::string("no_target"), refusedBecause(push));
    }

    void anotherKindOfAddressIsRefused()
    {
        PushRequest push = request();
        for (const auto* kind : {"", "topic", "condition", "apns", "Token"})
        {
            push.addressKind = kind;
            CPPUNIT_ASSERT_EQUAL(std::string("unknown_address_kind"), refusedBecause(push));
        }
    }

    void reservedKeysAreRefusedAndOthersNot()
    {
        for (const auto* key : {"from", "message_type", "gcm", "gcm.notification.x", "google.x", "google"})
        {
            PushRequest push = request();
            push.data = {{"fine", "1"}, {key, "v"}};
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key, std::string("reserved_data_key"), refusedBecause(push));
        }
        for (const auto* key : {"From", "fromage", "message_types", "gcmx", "my.google.x", "collapse_key"})
        {
            PushRequest push = request();
            push.data = {{key, "v"}};
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key, std::string("taken"), refusedBecause(push));
        }
    }

    void anExpiredPushIsRefused()
    {
        PushRequest push = request();
        push.expiresAt = _now - 1ms;
        CPPUNIT_ASSERT_EQUAL(std::string("expired"), refusedBecause(push));
        push.expiresAt = _now;
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), refusedBecause(push));
    }

    void aTagOfMoreThan64BytesIsRefused()
    {
        PushRequest push = request();
        push.tag = std::string(64, 'x');
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), refusedBecause(push));
        push.tag += 'x';
        CPPUNIT_ASSERT_EQUAL(std::string("tag_too_long"), refusedBecause(push));
    }

    void whatIsNoUtf8IsRefusedWhereverItIs()
    {
        // A lone continuation, a cut sequence, an overlong slash, a surrogate, beyond Unicode.
        for (const std::string bad : {"\x80", "a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80"})
        {
            PushRequest push = request();
            push.title = bad;
            CPPUNIT_ASSERT_EQUAL(std::string("invalid_utf8"), refusedBecause(push));
            push = request();
            push.body = "b" + bad + "b";
            CPPUNIT_ASSERT_EQUAL(std::string("invalid_utf8"), refusedBecause(push));
            push = request();
            push.data = {{"k", bad}};
            CPPUNIT_ASSERT_EQUAL(std::string("invalid_utf8"), refusedBecause(push));
            push.data = {{bad, "v"}};
            CPPUNIT_ASSERT_EQUAL(std::string("invalid_utf8"), refusedBecause(push));
            push = request();
            push.address = bad;
            CPPUNIT_ASSERT_EQUAL(std::string("invalid_utf8"), refusedBecause(push));
        }
    }

    void morePayloadThanFcmTakesIsRefused()
    {
        PushRequest push = request();
        // ,"notification":{"body":"…"} and ,"data":{"k":"…"}
        const std::size_t around = std::string_view(R"(,"notification":{"body":""},"data":{"k":""})").size();
        push.body = std::string(2000, 'b');
        push.data = {{"k", std::string(FcmMessage::maxPayload - 2000 - around, 'd')}};
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), refusedBecause(push));
        push.body += 'b';
        CPPUNIT_ASSERT_EQUAL(std::string("payload_too_large"), refusedBecause(push));
    }

    void noRefusalHoldsAddressOrContent()
    {
        PushRequest push = request();
        push.address = "SECRET-ADDRESS";
        push.title = "SECRET-TITLE";
        push.data = {{"google.SECRET-KEY", "SECRET-VALUE"}};
        std::string text;
        const auto reserved = FcmMessage({}).write(push, _now, text);
        push.data = {{"k", std::string(5000, 'x')}};
        const auto large = FcmMessage({}).write(push, _now, text);
        push.tag = "SECRET-TAG" + std::string(64, 'x');
        const auto tag = FcmMessage({}).write(push, _now, text);
        for (const auto& refused : {reserved, large, tag})
        {
            CPPUNIT_ASSERT(refused);
            CPPUNIT_ASSERT_MESSAGE(refused->detail, (refused->detail + refused->code).find("SECRET") == std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FcmMessageTest);

} // namespace carillon::push::fcm
