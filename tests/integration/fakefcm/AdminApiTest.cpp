#include "integration/fakefcm/FcmClient.h"
#include "integration/fakefcm/RawPeer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <fstream>

namespace carillon::tests
{

using namespace std::chrono_literals;

class AdminApiTest : public FakeFcmFixture
{
    CPPUNIT_TEST_SUITE(AdminApiTest);
    CPPUNIT_TEST(healthAnswers);
    CPPUNIT_TEST(journalIsReadInPages);
    CPPUNIT_TEST(journalKeepsTheLastOnes);
    CPPUNIT_TEST(journalWithoutBodiesHasNoTitle);
    CPPUNIT_TEST(journalFileHasEachMessageBeforeItsAnswer);
    CPPUNIT_TEST(fullDiskIsA500AndNoDelivery);
    CPPUNIT_TEST(requestLogTellsAttemptsApart);
    CPPUNIT_TEST(statsAddUp);
    CPPUNIT_TEST(resetForgetsAllButTokens);
    CPPUNIT_TEST(faultsAreShownWithWhatIsLeft);
    CPPUNIT_TEST(putReplacesFaultsAndPostAdds);
    CPPUNIT_TEST(mistakesAreNamedWithTheirPlace);
    CPPUNIT_TEST(badListOfAddressesRegistersNone);
    CPPUNIT_TEST(manyAddressesAreRegisteredAtOnce);
    CPPUNIT_TEST_SUITE_END();

    std::string refusal(const std::string& method, const std::string& path, const std::string& body = {})
    {
        try
        {
            fake().admin(method, path, body);
        }
        catch (const std::runtime_error& error)
        {
            return error.what();
        }
        return "accepted";
    }

    void expectRefused(const std::string& method, const std::string& path, const std::string& body, const std::string& words)
    {
        const std::string text = refusal(method, path, body);
        CPPUNIT_ASSERT_MESSAGE(method + " " + path + " " + body + " -> " + text, text.find(words) != std::string::npos);
    }

public:
    void setUp() override { start({"--accept-any"}); }

    void healthAnswers()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), Json::parse(fake().admin("GET", "/health")).at("status").get<std::string>());
    }

    void journalIsReadInPages()
    {
        for (int i = 0; i < 5; ++i) client().send(dataMessage("a" + std::to_string(i % 2)));

        const Json first = Json::parse(fake().admin("GET", "/journal?limit=2"));
        const Json second = Json::parse(fake().admin("GET", "/journal?limit=2&since=" + first.at("next").dump()));
        const Json last = Json::parse(fake().admin("GET", "/journal?limit=2&since=" + second.at("next").dump()));

        CPPUNIT_ASSERT_EQUAL(1, first.at("entries").at(0).at("seq").get<int>());
        CPPUNIT_ASSERT_EQUAL(3, second.at("entries").at(0).at("seq").get<int>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, last.at("entries").size());
        CPPUNIT_ASSERT_EQUAL(5, last.at("last").get<int>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, Json::parse(fake().admin("GET", "/journal?since=5")).at("entries").size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, Json::parse(fake().admin("GET", "/journal?since=99")).at("entries").size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, Json::parse(fake().admin("GET", "/journal?address=a1")).at("entries").size());
    }

    void journalKeepsTheLastOnes()
    {
        start({"--accept-any", "--keep", "3"});
        for (int i = 0; i < 5; ++i) client().send(dataMessage("a"));
        const Json page = Json::parse(fake().admin("GET", "/journal"));
        CPPUNIT_ASSERT_EQUAL(3, page.at("first").get<int>());
        CPPUNIT_ASSERT_EQUAL(3, page.at("entries").at(0).at("seq").get<int>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, page.at("entries").size());
        CPPUNIT_ASSERT_EQUAL(5, Json::parse(fake().admin("GET", "/stats")).at("delivered").get<int>());
    }

    void journalWithoutBodiesHasNoTitle()
    {
        const TemporaryDirectory folder;
        const std::string file = (folder / "journal.jsonl").string();
        const FakeFcm discreet({"--accept-any", "--journal", file}, false);

        FcmClient(discreet).send({{"token", "a"}, {"notification", {{"title", "Insulin"}, {"body", "take it"}}}, {"data", {{"k", "v"}}}});

        CPPUNIT_ASSERT_EQUAL(std::size_t{7}, discreet.journal().front().titleLength);
        CPPUNIT_ASSERT_EQUAL(std::string("v"), discreet.journal().front().data.at("k"));
        std::ifstream in(file);
        const std::string written{std::istreambuf_iterator<char>(in), {}};
        for (const std::string& text : {written, discreet.admin("GET", "/journal")})
        {
            CPPUNIT_ASSERT(text.find("titleLength") != std::string::npos);
            CPPUNIT_ASSERT(text.find("Insulin") == std::string::npos);
            CPPUNIT_ASSERT(text.find("take it") == std::string::npos);
        }
    }

    void journalFileHasEachMessageBeforeItsAnswer()
    {
        const TemporaryDirectory folder;
        const std::string file = (folder / "journal.jsonl").string();
        start({"--accept-any", "--journal", file});
        for (int i = 1; i <= 20; ++i)
        {
            const Reply reply = client().send(dataMessage("a"));
            std::ifstream in(file);
            std::string line;
            std::string last;
            int lines = 0;
            for (; std::getline(in, line); ++lines) last = line;
            CPPUNIT_ASSERT_EQUAL(i, lines);
            CPPUNIT_ASSERT_EQUAL(reply.json().at("name"), Json::parse(last).at("name"));
        }
    }

    void fullDiskIsA500AndNoDelivery()
    {
        start({"--accept-any", "--journal", "/dev/full"});
        const Reply reply = client().send(dataMessage("a"));
        CPPUNIT_ASSERT_EQUAL(500L, reply.status);
        CPPUNIT_ASSERT(fake().journal().empty());
    }

    void requestLogTellsAttemptsApart()
    {
        fake().script("a", {{.status = 503, .delay = 20ms}});
        client().send(dataMessage("a"));
        client().send(dataMessage("a"));

        const auto requests = fake().requests();

        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, requests.size());
        CPPUNIT_ASSERT_EQUAL(std::string("/token"), requests[0].path);
        CPPUNIT_ASSERT_EQUAL(std::string("/v1/projects/demo/messages:send"), requests[1].path);
        CPPUNIT_ASSERT_EQUAL(503, requests[1].status);
        CPPUNIT_ASSERT_EQUAL(std::chrono::milliseconds(20), requests[1].delay);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, requests[1].delivered);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, requests[2].delivered);
        CPPUNIT_ASSERT(requests[2].time >= requests[1].time + 20ms);
        CPPUNIT_ASSERT(requests[2].stream > requests[1].stream);
    }

    void statsAddUp()
    {
        fake().registerAddress("gone", "unregistered");
        client().send(dataMessage("a"));
        client().send(dataMessage("gone"));
        fake().script("a", {{.reset = "stream"}});
        client().send(dataMessage("a"));
        const Json stats = Json::parse(fake().admin("GET", "/stats"));
        CPPUNIT_ASSERT_EQUAL(1, stats.at("delivered").get<int>());
        CPPUNIT_ASSERT_EQUAL(4, stats.at("requests").get<int>());
        CPPUNIT_ASSERT_EQUAL(2, stats.at("byStatus").at("200").get<int>());
        CPPUNIT_ASSERT_EQUAL(1, stats.at("byStatus").at("404").get<int>());
        CPPUNIT_ASSERT_EQUAL(1, stats.at("byStatus").at("unanswered").get<int>());
        CPPUNIT_ASSERT_EQUAL(1, stats.at("tokensIssued").get<int>());
        CPPUNIT_ASSERT_EQUAL(1, stats.at("acceptedConnections").get<int>());
    }

    void resetForgetsAllButTokens()
    {
        fake().registerAddress("gone", "unregistered");
        fake().scriptAll({{.status = 503, .times = FcmAnswer::forever}});
        client().send(dataMessage("a"));

        fake().reset();

        CPPUNIT_ASSERT(fake().journal().empty());
        CPPUNIT_ASSERT(fake().requests().empty());
        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("gone")).status);
    }

    void faultsAreShownWithWhatIsLeft()
    {
        fake().script("a", {{.status = 503, .times = 3}, {.status = 500, .times = FcmAnswer::forever}});
        client().send(dataMessage("a"));
        const Json faults = Json::parse(fake().admin("GET", "/faults")).at("faults");
        CPPUNIT_ASSERT_EQUAL(std::string("a"), faults.at(0).at("match").at("address").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string(R"([2,"forever"])"), faults.at(0).at("left").dump());
    }

    void putReplacesFaultsAndPostAdds()
    {
        const auto count = [](const std::string& answer) { return Json::parse(answer).at("faults").get<int>(); };
        const std::string fault = R"({"match":{"address":"a"},"answers":[{"status":503}]})";
        CPPUNIT_ASSERT_EQUAL(1, count(fake().admin("POST", "/faults", fault)));
        CPPUNIT_ASSERT_EQUAL(2, count(fake().admin("POST", "/faults", "[" + fault + "]")));
        CPPUNIT_ASSERT_EQUAL(1, count(fake().admin("PUT", "/faults", R"({"faults":[)" + fault + "]}")));
        CPPUNIT_ASSERT_EQUAL(0, count(fake().admin("PUT", "/faults", "[]")));
    }

    void mistakesAreNamedWithTheirPlace()
    {
        const auto answer = [](const std::string& fields) { return R"([{"answers":[{)" + fields + "}]}]"; };
        expectRefused("PUT", "/faults", answer(R"("statsu":503)"), "faults[0].answers[0].statsu: unknown field; known are ");
        expectRefused("PUT", "/faults", answer(R"("status":99)"), "faults[0].answers[0].status: must be a number from 200 to 599");
        expectRefused("PUT", "/faults", answer(R"("delayMs":-1)"), "faults[0].answers[0].delayMs: must be a whole number");
        expectRefused("PUT", "/faults", answer(R"("times":"often")"),
                      "faults[0].answers[0].times: must be a whole number or \\\"forever\\\"");
        expectRefused("PUT", "/faults", answer(R"("deliver":false)"), "faults[0].answers[0].deliver: must be");
        expectRefused("PUT", "/faults", answer(R"("goaway":"unread","deliver":true)"), "faults[0].answers[0].deliver: must be false");
        expectRefused("PUT", "/faults", answer(R"("goaway":true,"reset":true)"), "faults[0].answers[0].goaway");
        expectRefused("PUT", "/faults", answer(R"("reset":true,"cutAfterBytes":3)"), "cutAfterBytes");
        expectRefused("PUT", "/faults", answer(R"("errorCode":"NONSENSE")"), "faults[0].answers[0].status: must be given");
        expectRefused("PUT", "/faults", answer(R"("html":true)"), "html");
        expectRefused("PUT", "/faults", answer(R"("retryAfter":"1\r\nX: y","status":503)"), "retryAfter");
        expectRefused("PUT", "/faults", answer(R"("headers":{"a b":"c"},"status":503)"), "headers");
        expectRefused("PUT", "/faults", R"([{"answers":[]}])", "faults[0].answers: must be an array of at least one answer");
        expectRefused("PUT", "/faults", R"([{"target":"moon","answers":[{"status":503}]}])", "faults[0].target");
        expectRefused("PUT", "/faults", R"([{"match":{"adress":"a"},"answers":[{"status":503}]}])",
                      "faults[0].match.adress: unknown field");
        expectRefused("PUT", "/faults", R"([{"match":{"notification":{"sound":"x"}},"answers":[{"status":503}]}])", "title, body");
        expectRefused("PUT", "/faults", "{", "the body is not JSON");
        expectRefused("POST", "/addresses", R"([{"address":"a","state":"dead"}])", "[0].state: must be valid, unregistered");
        expectRefused("POST", "/addresses", R"([{"address":"a","state":"slow"}])", "[0].slowMs: must be given");
        expectRefused("POST", "/addresses", R"([{"address":"a","slowMs":1}])", "[0].slowMs");
        expectRefused("POST", "/addresses", R"([{"kind":"fid"}])", "[0].address");
        expectRefused("POST", "/addresses", R"([{"address":"a","kind":"phone"}])", "[0].kind");
        expectRefused("POST", "/addresses", "[1]", "[0]: must be an object");
        expectRefused("POST", "/clock/advance", R"({"minutes":1})", "minutes: unknown field; known are seconds");
        expectRefused("POST", "/clock/advance", "{}", "seconds: must be given");
        expectRefused("PUT", "/tokens", R"({"lifeSeconds":0})", "lifeSeconds");
        expectRefused("GET", "/journal?since=x", {}, "since: must be a whole number");
        expectRefused("GET", "/journal?from=1", {}, "unknown query parameter 'from'");
        expectRefused("GET", "/journals", {}, "404");
        expectRefused("DELETE", "/journal", {}, "/journal takes GET");
    }

    void badListOfAddressesRegistersNone()
    {
        refusal("POST", "/addresses", R"([{"address":"a","state":"unregistered"},{"address":"b","state":"dead"}])");
        CPPUNIT_ASSERT_EQUAL(0, Json::parse(fake().admin("GET", "/stats")).at("addresses").get<int>());
    }

    void manyAddressesAreRegisteredAtOnce()
    {
        std::vector<FcmAddress> addresses;
        for (int i = 0; i < 20000; ++i) addresses.push_back({.text = std::string(140, 'x') + std::to_string(i)});
        fake().registerAddresses(addresses);
        CPPUNIT_ASSERT_EQUAL(20000, Json::parse(fake().admin("GET", "/stats")).at("addresses").get<int>());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AdminApiTest);

} // namespace carillon::tests
