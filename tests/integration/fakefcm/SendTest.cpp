#include "integration/fakefcm/FcmClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>

namespace carillon::tests
{

using namespace std::chrono_literals;

class SendTest : public FakeFcmFixture
{
    CPPUNIT_TEST_SUITE(SendTest);
    CPPUNIT_TEST(acceptedMessageIsNamedAndJournaled);
    CPPUNIT_TEST(bothHttpVersionsAreServedOnOnePort);
    CPPUNIT_TEST(manyStreamsShareOneConnection);
    CPPUNIT_TEST(http1ConnectionIsKeptAndTakesChunks);
    CPPUNIT_TEST(repeatedMessageIsDeliveredAgain);
    CPPUNIT_TEST(validateOnlyChecksTheTargetAndDeliversNothing);
    CPPUNIT_TEST(topicsAndConditionsAreDelivered);
    CPPUNIT_TEST(credentialIsAskedForFirst);
    CPPUNIT_TEST(anotherProjectIsForbidden);
    CPPUNIT_TEST(legacyAndUnknownPathsAreHtml404);
    CPPUNIT_TEST(queryParametersOfGoogleApisAreKnownAndOthersNot);
    CPPUNIT_TEST(bodyOverTheLimitIs413);
    CPPUNIT_TEST(sameSeedGivesSameNames);
    CPPUNIT_TEST_SUITE_END();

public:
    void acceptedMessageIsNamedAndJournaled()
    {
        fake().registerAddress("a");
        const auto before = std::chrono::system_clock::now() - 1ms;

        const Reply reply = client().send({{"token", "a"},
                                           {"data", {{"occurrence", "1"}, {"reminder_id", "r"}}},
                                           {"notification", {{"title", "Überfällig"}, {"body", "x"}}},
                                           {"android", {{"collapse_key", "c"}, {"notification", {{"tag", "t1"}}}}},
                                           {"apns", {{"headers", {{"apns-collapse-id", "t2"}}}}}});

        CPPUNIT_ASSERT_EQUAL(200L, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, reply.json().size());
        const auto journal = fake().journal();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, journal.size());
        const FcmDelivery& delivery = journal.front();
        CPPUNIT_ASSERT_EQUAL(reply.json().at("name").get<std::string>(), delivery.name);
        CPPUNIT_ASSERT_EQUAL(std::string("projects/demo/messages/0:"), delivery.name.substr(0, 25));
        CPPUNIT_ASSERT_EQUAL(std::string("a"), delivery.address);
        CPPUNIT_ASSERT_EQUAL(std::string("token"), delivery.kind);
        CPPUNIT_ASSERT_EQUAL(std::string("t1"), delivery.tag);
        CPPUNIT_ASSERT_EQUAL(std::string("t2"), delivery.collapseId);
        CPPUNIT_ASSERT_EQUAL(std::string("c"), delivery.collapseKey);
        CPPUNIT_ASSERT_EQUAL(std::string("r"), delivery.data.at("reminder_id"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, delivery.titleLength);
        CPPUNIT_ASSERT_EQUAL(std::string("x"), Json::parse(delivery.message).at("notification").at("body").get<std::string>());
        CPPUNIT_ASSERT(delivery.time >= before && delivery.time <= std::chrono::system_clock::now());
        const auto requests = fake().requestsTo("a");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, requests.size());
        CPPUNIT_ASSERT_EQUAL(200, requests.front().status);
        CPPUNIT_ASSERT_EQUAL(delivery.sequence, requests.front().delivered);
    }

    void bothHttpVersionsAreServedOnOnePort()
    {
        fake().registerAddress("a");
        FcmClient http1(fake(), true);

        CPPUNIT_ASSERT_EQUAL(long{CURL_HTTP_VERSION_2_0}, client().send(dataMessage("a")).httpVersion);
        CPPUNIT_ASSERT_EQUAL(long{CURL_HTTP_VERSION_1_1}, http1.send(dataMessage("a")).httpVersion);

        const auto requests = fake().requestsTo("a");
        CPPUNIT_ASSERT_EQUAL(std::string("h2"), requests.at(0).protocol);
        CPPUNIT_ASSERT_EQUAL(std::string("http/1.1"), requests.at(1).protocol);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fake().journal().size());
    }

    void manyStreamsShareOneConnection()
    {
        std::vector<FcmAddress> addresses;
        std::vector<Post> posts;
        for (int i = 0; i < 500; ++i)
        {
            addresses.push_back({.text = "a" + std::to_string(i)});
            posts.push_back(client().sendRequest(Json{{"message", dataMessage(addresses.back().text)}}.dump()));
        }
        fake().registerAddresses(addresses);

        const auto replies = client().postAll(posts);

        std::set<std::string> names;
        for (const Reply& reply : replies)
        {
            CPPUNIT_ASSERT_EQUAL(200L, reply.status);
            names.insert(reply.json().at("name").get<std::string>());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{500}, names.size());
        std::set<std::uint64_t> connections;
        for (const FcmDelivery& delivery : fake().journal()) connections.insert(delivery.connection);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, connections.size());
    }

    void http1ConnectionIsKeptAndTakesChunks()
    {
        fake().registerAddress("a");
        FcmClient http1(fake(), true);
        Post chunked = http1.sendRequest(Json{{"message", dataMessage("a")}}.dump());
        chunked.headers.emplace_back("Transfer-Encoding: chunked");
        CPPUNIT_ASSERT_EQUAL(200L, http1.send(dataMessage("a")).status);

        const Reply reply = http1.post(chunked);

        CPPUNIT_ASSERT_EQUAL(200L, reply.status);
        CPPUNIT_ASSERT_EQUAL(0L, reply.newConnections);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fake().journal().size());
    }

    void repeatedMessageIsDeliveredAgain()
    {
        // FCM removes no duplicates; the journal must show every one of them.
        fake().registerAddress("a");
        const Reply first = client().send(dataMessage("a"));
        const Reply second = client().send(dataMessage("a"));
        CPPUNIT_ASSERT(first.body != second.body);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fake().journal().size());
    }

    void validateOnlyChecksTheTargetAndDeliversNothing()
    {
        fake().registerAddress("a");
        fake().registerAddress("gone", "unregistered");

        const Reply valid = client().sendRaw(Json{{"validate_only", true}, {"message", dataMessage("a")}}.dump());
        const Reply gone = client().sendRaw(Json{{"validateOnly", true}, {"message", dataMessage("gone")}}.dump());

        CPPUNIT_ASSERT_EQUAL(std::string("projects/demo/messages/fake_message_id"), valid.json().at("name").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("UNREGISTERED"), gone.fcmErrorCode());
        CPPUNIT_ASSERT(fake().journal().empty());
        CPPUNIT_ASSERT(fake().requestsTo("a").front().validateOnly);
    }

    void topicsAndConditionsAreDelivered()
    {
        CPPUNIT_ASSERT_EQUAL(200L, client().send({{"topic", "service-notices"}, {"data", {{"k", "v"}}}}).status);
        CPPUNIT_ASSERT_EQUAL(200L, client().send({{"condition", "'a' in topics && ('b' in topics || !('c' in topics))"}}).status);
        const auto journal = fake().journal();
        CPPUNIT_ASSERT_EQUAL(std::string("topic"), journal.at(0).kind);
        CPPUNIT_ASSERT_EQUAL(std::string("condition"), journal.at(1).kind);
    }

    void credentialIsAskedForFirst()
    {
        const Reply none = client().post({fake().sendUrl(), "not json", {"Content-Type: application/json"}});
        CPPUNIT_ASSERT_EQUAL(401L, none.status);
        CPPUNIT_ASSERT_EQUAL(std::string("CREDENTIALS_MISSING"), none.detail("ErrorInfo").at("reason").get<std::string>());
        for (const char* header : {"Authorization: Bearer ya29.stranger", "Authorization: Basic eDp5", "Authorization: bearer"})
        {
            const Reply reply = client().post({fake().sendUrl(), "{}", {"Content-Type: application/json", header}});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(header, 401L, reply.status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(header, std::string("UNAUTHENTICATED"), reply.rpcStatus());
        }
        CPPUNIT_ASSERT(fake().journal().empty());
    }

    void anotherProjectIsForbidden()
    {
        Post request = client().sendRequest(Json{{"message", dataMessage("a")}}.dump());
        request.url = fake().endpoint() + "/v1/projects/other/messages:send";
        const Reply reply = client().post(request);
        CPPUNIT_ASSERT_EQUAL(403L, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("PERMISSION_DENIED"), reply.rpcStatus());
        CPPUNIT_ASSERT_EQUAL(std::string(), reply.fcmErrorCode());
    }

    void legacyAndUnknownPathsAreHtml404()
    {
        for (const char* path :
             {"/fcm/send", "/batch", "/", "/v1/projects/demo/messages", "/v1/projects/a/b/messages:send", "/v1/projects//messages:send"})
        {
            const Reply reply = client().post({fake().endpoint() + path, "{}"});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 404L, reply.status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, std::string("text/html; charset=UTF-8"), reply.headers.at("content-type"));
            CPPUNIT_ASSERT_MESSAGE(path, reply.body.find("<TITLE>Not Found</TITLE>") != std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(404L, client().get(fake().sendUrl()).status);
    }

    void queryParametersOfGoogleApisAreKnownAndOthersNot()
    {
        fake().registerAddress("a");
        Post request = client().sendRequest(Json{{"message", dataMessage("a")}}.dump());
        request.url = fake().sendUrl() + "?alt=json&prettyPrint=false&%24.xgafv=2";
        CPPUNIT_ASSERT_EQUAL(200L, client().post(request).status);
        request.url = fake().sendUrl() + "?dryRun=true";
        const Reply unknown = client().post(request);
        CPPUNIT_ASSERT_EQUAL(400L, unknown.status);
        CPPUNIT_ASSERT(unknown.message().find("Unknown name \"dryRun\": Cannot bind query parameter.") != std::string::npos);
    }

    void bodyOverTheLimitIs413()
    {
        for (const bool http1 : {false, true})
        {
            FcmClient client(fake(), http1);
            const Reply reply = client.sendRaw(std::string(300000, 'x'));
            CPPUNIT_ASSERT_EQUAL(413L, reply.status);
            CPPUNIT_ASSERT_EQUAL(std::string("text/html; charset=UTF-8"), reply.headers.at("content-type"));
            Post request = client.sendRequest("{}");
            request.headers.push_back("X-Long: " + std::string(40000, 'x'));
            CPPUNIT_ASSERT_EQUAL(413L, client.post(request).status);
        }
    }

    void sameSeedGivesSameNames()
    {
        FakeFcm first({"--seed", "7", "--accept-any"});
        FakeFcm second({"--seed", "7", "--accept-any"});
        FakeFcm third({"--seed", "8", "--accept-any"});
        const auto nameFrom = [](const FakeFcm& fake)
        { return FcmClient(fake).send(dataMessage("a")).json().at("name").get<std::string>(); };
        const std::string name = nameFrom(first);
        CPPUNIT_ASSERT_EQUAL(name, nameFrom(second));
        CPPUNIT_ASSERT(name != nameFrom(third));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SendTest);

} // namespace carillon::tests
