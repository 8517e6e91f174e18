#include "log/Line.h"

#include "config/Values.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::log::tests
{

class LineTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LineTest);
    CPPUNIT_TEST(textReadsLikeASentenceAndItsFacts);
    CPPUNIT_TEST(jsonIsOneObject);
    CPPUNIT_TEST(contentCannotBeginALine);
    CPPUNIT_TEST(contentCannotBeginAField);
    CPPUNIT_TEST(contentCannotDriveATerminal);
    CPPUNIT_TEST(contentCannotStandInForTheLinesOwnFields);
    CPPUNIT_TEST(brokenUtf8BecomesValidJson);
    CPPUNIT_TEST(sensitiveFieldsAreHiddenWhateverTheyHold);
    CPPUNIT_TEST(numbersThatJsonDoesNotKnowAreQuoted);
    CPPUNIT_TEST(coloursAreOnlyAroundTheLevel);
    CPPUNIT_TEST(packedFieldsComeBackInOrder);
    CPPUNIT_TEST(damagedPacksAreCutShort);
    CPPUNIT_TEST_SUITE_END();

public:
    void textReadsLikeASentenceAndItsFacts()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("2026-11-23T18:34:51.007Z WARN send: retry in 30s id=7f3a attempt=2/4 reason=\"gateway throttled\" empty=\"\""),
            text("retry in 30s", {{"id", "7f3a"}, {"attempt", "2/4"}, {"reason", "gateway throttled"}, {"empty", ""}}));
    }

    void jsonIsOneObject()
    {
        Appearance appearance;
        appearance.format = config::LogFormat::Json;
        appearance.process = "worker-1";
        appearance.processId = 42;

        CPPUNIT_ASSERT_EQUAL(
            std::string(
                R"({"time":"2026-11-23T18:34:51.007Z","level":"warning","source":"send","message":"say \"hé\"","process":"worker-1",)"
                R"("pid":42,"id":"7","count":7,"wait":2.5})"),
            render(line("say \"hé\"", {{"id", "7"}, {"count", "7", true}, {"wait", "2.5", true}}), appearance));
    }

    void contentCannotBeginALine()
    {
        const std::string forged = "x\n2026-11-23T18:34:51.007Z FATAL master: all is lost\r\n\v\f\x1e";

        for (const auto& rendered : {text(forged, {{"k\ney", forged}}), json(forged, {{"k\ney", forged}})})
        {
            for (const char control : {'\n', '\r', '\v', '\f', '\x1e'}) CPPUNIT_ASSERT(rendered.find(control) == std::string::npos);
        }
        CPPUNIT_ASSERT(text("a\xE2\x80\xA8z", {}).ends_with("a\\u2028z"));
    }

    void contentCannotBeginAField()
    {
        CPPUNIT_ASSERT(text("m", {{"reason", "x id=forged"}}).ends_with(R"(reason="x id=forged")"));
        CPPUNIT_ASSERT(text("m", {{"reason", "x\" id=\"forged"}}).ends_with(R"(reason="x\" id=\"forged")"));
        CPPUNIT_ASSERT(text("m", {{"a b=c", "x"}}).ends_with(" a_b_c=x"));
        CPPUNIT_ASSERT(json("m", {{"reason", "x\",\"id\":\"forged"}}).ends_with(R"("reason":"x\",\"id\":\"forged"})"));
    }

    void contentCannotDriveATerminal()
    {
        const auto rendered = text("a\x1b[2Jb\x7f\xC2\x9B"
                                   "31m",
                                   {{"k", "\xE2\x80\xAEreversed"}});

        CPPUNIT_ASSERT_EQUAL(std::string::npos, rendered.find('\x1b'));
        CPPUNIT_ASSERT(rendered.find("a\\x1b[2Jb\\x7f\\x9b31m") != std::string::npos);
        CPPUNIT_ASSERT(rendered.ends_with("k=\\u202ereversed"));
    }

    void contentCannotStandInForTheLinesOwnFields()
    {
        CPPUNIT_ASSERT(json("m", {{"level", "fatal"}, {"message", "x"}}).ends_with(R"("level_":"fatal","message_":"x"})"));
    }

    void brokenUtf8BecomesValidJson()
    {
        const auto rendered = json("a\xFFz\xC3", {{"k", "\xED\xA0\x80"}});

        CPPUNIT_ASSERT(!config::firstInvalidUtf8(rendered));
        CPPUNIT_ASSERT(rendered.find("\"a\\ufffdz\\ufffd\"") != std::string::npos);
        CPPUNIT_ASSERT(text("a\xFFz", {}).ends_with("a\\xffz"));
    }

    /// Promise 8.
    void sensitiveFieldsAreHiddenWhateverTheyHold()
    {
        for (const std::string key : {"token", "title", "body", "user", "userId", "address", "Authorization", "private_key"})
        {
            for (const auto& rendered : {text("m", {{key, "canary"}}), json("m", {{key, "canary"}}), json("m", {{key, "4711", true}})})
            {
                CPPUNIT_ASSERT_MESSAGE(rendered,
                                       rendered.find("canary") == std::string::npos && rendered.find("4711") == std::string::npos);
                CPPUNIT_ASSERT_MESSAGE(rendered, rendered.find("[redacted]") != std::string::npos);
            }
        }
        CPPUNIT_ASSERT(text("Bearer canary-123", {{"error", "Bearer canary-123"}}).find("canary") == std::string::npos);
    }

    void numbersThatJsonDoesNotKnowAreQuoted()
    {
        CPPUNIT_ASSERT(json("m", {{"k", "nan", true}}).ends_with(R"("k":"nan"})"));
        CPPUNIT_ASSERT(json("m", {{"k", "-inf", true}}).ends_with(R"("k":"-inf"})"));
        CPPUNIT_ASSERT(json("m", {{"k", "007", true}}).ends_with(R"("k":"007"})"));
        CPPUNIT_ASSERT(json("m", {{"k", "-0.5", true}}).ends_with(R"("k":-0.5})"));
        CPPUNIT_ASSERT(json("m", {{"k", "1,\"x\":2", true}}).ends_with(R"("k":"1,\"x\":2"})"));
    }

    void coloursAreOnlyAroundTheLevel()
    {
        Appearance appearance;
        appearance.hasColours = true;

        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T18:34:51.007Z \x1b[33mWARN\x1b[0m send: m"), render(line("m", {}), appearance));
    }

    void packedFieldsComeBackInOrder()
    {
        const std::string packed = pack({{"z", "1:2"}, {"a", 3}, {"", ""}, {"b", std::string("t1:x1:y")}});

        const auto fields = unpack(packed);

        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, fields.size());
        CPPUNIT_ASSERT(fields[0].key == "z" && fields[0].value == "1:2" && !fields[0].isNumber);
        CPPUNIT_ASSERT(fields[1].key == "a" && fields[1].value == "3" && fields[1].isNumber);
        CPPUNIT_ASSERT(fields[2].key.empty() && fields[2].value.empty());
        CPPUNIT_ASSERT(fields[3].value == "t1:x1:y");
    }

    void damagedPacksAreCutShort()
    {
        const std::string packed = pack({{"key", "value"}});
        for (std::size_t length = 0; length < packed.size(); ++length) CPPUNIT_ASSERT(unpack(packed.substr(0, length)).empty());
        CPPUNIT_ASSERT(unpack("t99999999999999999999:").empty());
    }

private:
    static Line line(std::string_view message, std::vector<Field> fields)
    {
        Line result;
        result.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'795'458'891'007));
        result.level = LogLevel::Warning;
        result.source = "send";
        result.message = message;
        result.fields = std::move(fields);
        return result;
    }
    static std::string text(std::string_view message, std::vector<Field> fields) { return render(line(message, std::move(fields)), {}); }
    static std::string json(std::string_view message, std::vector<Field> fields)
    {
        Appearance appearance;
        appearance.format = config::LogFormat::Json;
        return render(line(message, std::move(fields)), appearance);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LineTest);

} // namespace carillon::log::tests
