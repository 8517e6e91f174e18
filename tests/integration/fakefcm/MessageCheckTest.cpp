#include "integration/fakefcm/FcmClient.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

/// Requests of the reference's vectors (docs/fake-fcm.md, "What is checked"): what the SDKs send is taken, what Google refuses is refused.
class MessageCheckTest : public FakeFcmFixture
{
    CPPUNIT_TEST_SUITE(MessageCheckTest);
    CPPUNIT_TEST(whatTheSdksSendIsAccepted);
    CPPUNIT_TEST(protoJsonRulesAreKept);
    CPPUNIT_TEST(schemaViolationsAreRefusedInTheApisWords);
    CPPUNIT_TEST(brokenRulesAreRefusedWithTheFcmCode);
    CPPUNIT_TEST(payloadSizeIsCountedByKeysAndValues);
    CPPUNIT_TEST(allViolationsAreReportedAtOnce);
    CPPUNIT_TEST(lastDuplicateKeyCounts);
    CPPUNIT_TEST(whatIsNotJsonIsRefused);
    CPPUNIT_TEST_SUITE_END();

    Reply sendText(const std::string& messageWithoutTarget)
    {
        return client().sendRaw(R"({"message":{"token":"a")" + (messageWithoutTarget.empty() ? "" : "," + messageWithoutTarget) + "}}");
    }

    void expectAccepted(const std::string& part)
    {
        const Reply reply = sendText(part);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(part + "\n" + reply.body, 200L, reply.status);
    }

    /// `fcmCode`: empty for what the front of the API refuses before FCM sees it.
    void expectRefused(const std::string& body, const std::string& words, const std::string& fcmCode)
    {
        const std::size_t before = fake().journal().size();
        const Reply reply = client().sendRaw(body);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(body, 400L, reply.status);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(body, std::string("INVALID_ARGUMENT"), reply.rpcStatus());
        CPPUNIT_ASSERT_MESSAGE(body + "\n" + reply.body, reply.message().find(words) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(body, fcmCode, reply.fcmErrorCode());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(body, before, fake().journal().size());
    }

    void expectSchemaRefuses(const std::string& part, const std::string& words)
    {
        expectRefused(R"({"message":{"token":"a",)" + part + "}}", words, {});
    }

    void expectRuleRefuses(const std::string& part, const std::string& words)
    {
        expectRefused(R"({"message":{"token":"a",)" + part + "}}", words, "INVALID_ARGUMENT");
    }

public:
    void setUp() override
    {
        start({});
        fake().registerAddress("a");
    }

    void whatTheSdksSendIsAccepted()
    {
        expectAccepted("");
        expectAccepted(R"("data":{})");
        for (const char* ttl : {"10s", "0.500000000s", "123.450000000s", "86500s", "0s", "2419200s"})
            expectAccepted(R"("android":{"ttl":")" + std::string(ttl) + "\"}");
        expectAccepted(R"("android":{"priority":"high"})");
        expectAccepted(R"("apns":{"payload":{"aps":{"sound":{"critical":1,"name":"n","volume":0.7}}}})");
        expectAccepted(
            R"("apns":{"payload":{"aps":{"badge":0,"content-available":1,"mutable-content":1,"alert":{"title":"t"}},"own":[1,{"x":null}]}})");
        expectAccepted(
            R"("android":{"notification":{"event_time":"2018-05-30T10:00:00.123456789Z","tag":"t","color":"#11AAff","default_sound":true,)"
            R"("title_loc_key":"k","title_loc_args":["x"],"vibrate_timings":["0.5s","1s"],"notification_count":3,"visibility":"PRIVATE",)"
            R"("notification_priority":"PRIORITY_HIGH","proxy":"DENY",)"
            R"("light_settings":{"color":{"red":0.07,"green":1,"blue":0.5,"alpha":1},"light_on_duration":"0.5s","light_off_duration":"1s"}}})");
        expectAccepted(R"("webpush":{"headers":{"TTL":"15"},"data":{"k":"v"},"notification":{"title":"t","actions":[{"action":"a"}]},)"
                       R"("fcm_options":{"link":"https://example.com/"}})");
        expectAccepted(
            R"("fcm_options":{"analytics_label":"a-label_1.~%"},"notification":{"title":"t","body":"b","image":"https://example.com/i.png"})");
        expectAccepted(R"("android_v2":{"remote_notification":{"notification":{"id":7,"tag":"t"},"mutable_content":true}})");
        expectAccepted(R"("android":{"collapse_key":"c","restricted_package_name":"org.example","direct_boot_ok":true})");
        expectAccepted(R"("apns":{"headers":{"apns-priority":"5","apns-expiration":"1893456000"}},"data":{"k":"v"})");
    }

    void protoJsonRulesAreKept()
    {
        expectAccepted(R"("android":{"collapseKey":"c","notification":{"bodyLocKey":"k","bodyLocArgs":["x"],"notificationCount":"3"}})");
        expectAccepted(R"("topic":null,"notification":null,"android":{"ttl":null})");
        expectAccepted(R"("android":{"priority":1,"notification":{"visibility":2,"notification_count":3.0}})");
        expectAccepted(R"("android":{"notification":{"event_time":"2018-05-30T10:00:00+02:00","light_settings":{"color":{"red":"0.5"}}}})");
        expectAccepted(R"("data":{"\u00fc\ud83d\ude00":"Grüße 😀"})");
        Post request = client().sendRequest(R"({"message":{"token":"a"}})");
        request.headers.back() = "Content-Type: application/json; charset=utf-8";
        CPPUNIT_ASSERT_EQUAL(200L, client().post(request).status);
        request.headers.back() = "Content-Type: text/plain";
        CPPUNIT_ASSERT_EQUAL(400L, client().post(request).status);
    }

    void schemaViolationsAreRefusedInTheApisWords()
    {
        expectSchemaRefuses(R"("data":{"k":12})", "Invalid value at 'message.data[0].value' (TYPE_STRING), 12");
        expectSchemaRefuses(R"("data":{"k":"v","l":{"m":1}})", "Invalid value at 'message.data[1].value' (TYPE_STRING), {\"m\":1}");
        expectSchemaRefuses(R"("data":{"k":null})", "Invalid value at 'message.data[0].value' (TYPE_STRING), null");
        expectSchemaRefuses(R"("data":["k"])", "Invalid value at 'message.data'");
        expectSchemaRefuses(R"("x":1)", "Invalid JSON payload received. Unknown name \"x\" at 'message': Cannot find field.");
        expectSchemaRefuses(R"("notification":{"Title":"t"})", "Unknown name \"Title\" at 'message.notification'");
        expectSchemaRefuses(R"("notification":{"title":["t"]})",
                            "Unknown name \"title\" at 'message.notification': Proto field is not repeating, cannot start list.");
        expectSchemaRefuses(R"("notification":"t")",
                            "Invalid value at 'message.notification' (type.googleapis.com/google.firebase.fcm.v1.Notification)");
        for (const char* ttl : {"\"abcs\"", "\"1.2.3s\"", "\"10.abcs\"", "\"10\"", "\"s\"", "\"1.s\"", "\"1.1234567890s\"", "10"})
            expectSchemaRefuses(R"("android":{"ttl":)" + std::string(ttl) + "}",
                                "Invalid value at 'message.android.ttl' (type.googleapis.com/google.protobuf.Duration)");
        expectSchemaRefuses(R"("android":{"priority":"foo"})", "Invalid value at 'message.android.priority'");
        expectSchemaRefuses(R"("android":{"priority":2})", "Invalid value at 'message.android.priority'");
        expectSchemaRefuses(R"("android":{"notification":{"visibility":"public"}})",
                            "Invalid value at 'message.android.notification.visibility'");
        expectSchemaRefuses(R"("android":{"notification":{"event_time":"yesterday"}})",
                            "(type.googleapis.com/google.protobuf.Timestamp), \"yesterday\"");
        expectSchemaRefuses(R"("android":{"notification":{"event_time":"2018-13-30T10:00:00Z"}})", "Timestamp");
        expectSchemaRefuses(R"("android":{"notification":{"notification_count":1.5}})", "(TYPE_INT32), 1.5");
        expectSchemaRefuses(R"("android":{"notification":{"notification_count":2147483648}})", "(TYPE_INT32), 2147483648");
        expectSchemaRefuses(R"("android":{"notification":{"sticky":"yes"}})", "(TYPE_BOOL), \"yes\"");
        expectSchemaRefuses(R"("android":{"notification":{"body_loc_key":"k","body_loc_args":["x",1]}})",
                            "Invalid value at 'message.android.notification.body_loc_args[1]' (TYPE_STRING), 1");
        expectRefused(R"({"to":"a"})", "Invalid JSON payload received. Unknown name \"to\": Cannot find field.", {});
        expectRefused("[]", "Root element must be a message.", {});

        const Json detail = client().sendRaw(R"({"message":{"token":"a","data":{"k":12}}})").detail("BadRequest");
        CPPUNIT_ASSERT_EQUAL(std::string("message.data[0].value"), detail.at("fieldViolations").at(0).at("field").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Invalid value at 'message.data[0].value' (TYPE_STRING), 12"),
                             detail.at("fieldViolations").at(0).at("description").get<std::string>());
    }

    void brokenRulesAreRefusedWithTheFcmCode()
    {
        const std::string invalid = "INVALID_ARGUMENT";
        expectRefused("{}", "message is not set", invalid);
        expectRefused(R"({"message":{}})", "Recipient of the message is not set.", invalid);
        expectRefused(R"({"message":{"token":""}})", "Recipient of the message is not set.", invalid);
        expectRuleRefuses(R"("topic":"t")", "oneof field 'target' is already set. Cannot set 'topic'");
        expectRuleRefuses(R"("fid":"f")", "oneof");
        for (const char* topic : {"/topics/", "/topics/a", "/foo/bar", "foo bar", "ü"})
            expectRefused(R"({"message":{"topic":")" + std::string(topic) + R"("}})", "Invalid topic name", invalid);
        expectRefused(R"({"message":{"topic":")" + std::string(901, 'x') + R"("}})", "Invalid topic name", invalid);
        for (const char* condition : {"a", "'a' in topic", "'a' in topics &&", "('a' in topics", "'a b' in topics",
                                      "'a' in topics || 'b' in topics || 'c' in topics || 'd' in topics || 'e' in topics || 'f' in topics"})
            expectRefused(R"({"message":{"condition":")" + std::string(condition) + R"("}})", "Invalid condition expression provided.",
                          invalid);
        for (const char* key : {"from", "message_type", "gcm", "google", "google.x", "googlex", "gcm.notification.x"})
        {
            expectRuleRefuses(R"("data":{")" + std::string(key) + R"(":"v"})", "Invalid data payload key: " + std::string(key));
            expectRuleRefuses(R"("android":{"data":{")" + std::string(key) + R"(":"v"}})", "Invalid data payload key: " + std::string(key));
        }
        expectRuleRefuses(R"("android":{},"android_v2":{})", "Only one of android and android_v2");
        expectRuleRefuses(R"("androidV2":{"remoteNotification":{},"backgroundSync":{}})",
                          "Only one of remote_notification and background_sync");
        for (const char* ttl : {"-1s", "-0.5s", "2419201s", "99999999999999s"})
            expectRuleRefuses(R"("android":{"ttl":")" + std::string(ttl) + "\"}", "time to live");
        for (const char* color : {"foo", "#xxyyzz", "112233", "#11223", ""})
            expectRuleRefuses(R"("android":{"notification":{"color":")" + std::string(color) + "\"}}", "color");
        expectRuleRefuses(R"("android":{"notification":{"title_loc_args":["x"]}})", "title_loc_args without title_loc_key");
        expectRuleRefuses(R"("android":{"notification":{"body_loc_args":["x"]}})", "body_loc_args without body_loc_key");
        expectRuleRefuses(R"("notification":{"image":"image.jpg"})", "image");
        for (const std::string& label : {std::string("!"), std::string(54, 'x')})
            expectRuleRefuses(R"("fcm_options":{"analytics_label":")" + label + "\"}", "analytics label");
        for (const char* link : {"http://example.com", "link"})
            expectRuleRefuses(R"("webpush":{"fcm_options":{"link":")" + std::string(link) + "\"}}", "link");
        expectRuleRefuses(R"("apns":{"headers":{"apns-collapse-id":")" + std::string(65, 'x') + "\"}}", "64 bytes");
        expectRuleRefuses(R"("apns":{"headers":{"apns-priority":"10"}},"data":{"k":"v"})", "apns-priority 5");
        expectRuleRefuses(R"("apns":{"headers":{"apns-priority":"high"}})", "Invalid apns-priority");
    }

    void payloadSizeIsCountedByKeysAndValues()
    {
        const auto data = [](std::size_t size) { return R"("data":{"k":")" + std::string(size, 'x') + "\"}"; };
        expectAccepted(data(4095));
        expectRuleRefuses(data(4096), "Android message is too big");
        expectRuleRefuses(data(4000) + R"(,"notification":{"title":")" + std::string(100, 'x') + "\"}", "Android message is too big");
        expectRuleRefuses(R"("android":{"notification":{"body":")" + std::string(4100, 'x') + "\"}}", "Android message is too big");
        // What android sets for itself replaces the common part.
        expectAccepted(data(4000) + R"(,"android":{"data":{"k":"v"},"notification":{"body":")" + std::string(4000, 'x') + "\"}}");
        expectRuleRefuses(R"("apns":{"payload":{"aps":{"alert":")" + std::string(4100, 'x') + "\"}}}", "APNs message is too big");
        expectRefused(R"({"message":{"topic":"t",)" + data(2048) + "}}", "Android message is too big", "INVALID_ARGUMENT");
    }

    void allViolationsAreReportedAtOnce()
    {
        const Reply reply = client().sendRaw(R"({"message":{"token":"a","x":1,"data":{"k":12},"android":{"ttl":"abcs"}}})");
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, reply.detail("BadRequest").at("fieldViolations").size());
    }

    void lastDuplicateKeyCounts()
    {
        CPPUNIT_ASSERT_EQUAL(200L, client().sendRaw(R"({"message":{"token":"b","token":"a","data":{"k":"1","k":"2"}}})").status);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), fake().journal().front().address);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), fake().journal().front().data.at("k"));
    }

    void whatIsNotJsonIsRefused()
    {
        const std::string received = "Invalid JSON payload received.";
        expectRefused("not json", received + " Unexpected token.", {});
        expectRefused(R"({"message":{"token":"a")", received + " Unexpected end of string.", {});
        expectRefused(R"({"message":{"token":"a"}} x)", received, {});
        expectRefused("{\"message\":{\"token\":\"\xC3\x28\"}}", received, {});
        expectRefused("{\"message\":{\"token\":\"\xED\xA0\x80\"}}", received, {});
        expectRefused(std::string(10000, '['), received, {});
        expectRefused(R"({"message":{"apns":{"payload":)" + std::string(200, '[') + std::string(200, ']') + "}}}", received, {});
        expectRefused("\"x\"", received, {});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MessageCheckTest);

} // namespace carillon::tests
