#include "config/Values.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::config::tests
{

using namespace std::chrono_literals;
using std::chrono::milliseconds;

class ValuesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ValuesTest);
    CPPUNIT_TEST(durationsHaveUnitsSumsAndDecimals);
    CPPUNIT_TEST(durationsWithoutUnitOrWithBlanksAreRefused);
    CPPUNIT_TEST(sizesAreBinary);
    CPPUNIT_TEST(numbersAreWholeTextsAndFinite);
    CPPUNIT_TEST(booleansHaveFourWordsEach);
    CPPUNIT_TEST(whatIsFormattedIsReadBack);
    CPPUNIT_TEST(listsKeepQuotedCommas);
    CPPUNIT_TEST(joinedListsAreReadBack);
    CPPUNIT_TEST(errorsNameTheRemedy);
    CPPUNIT_TEST(errorsKeepSecrets);
    CPPUNIT_TEST(rangesAreInclusiveAndNamed);
    CPPUNIT_TEST(choicesSuggestTheNearest);
    CPPUNIT_TEST(invalidUtf8IsFoundAtItsByte);
    CPPUNIT_TEST_SUITE_END();

public:
    void durationsHaveUnitsSumsAndDecimals()
    {
        CPPUNIT_ASSERT(parseDuration("500ms") == milliseconds{500});
        CPPUNIT_ASSERT(parseDuration("2s") == milliseconds{2000});
        CPPUNIT_ASSERT(parseDuration("1h30m") == milliseconds{90min});
        CPPUNIT_ASSERT(parseDuration("1.5s") == milliseconds{1500});
        CPPUNIT_ASSERT(parseDuration("28d") == milliseconds{24h * 28});
        CPPUNIT_ASSERT(parseDuration("0") == milliseconds{0});
    }

    void durationsWithoutUnitOrWithBlanksAreRefused()
    {
        for (const std::string text : {"", "30", "2 sec", "2 s", "s", "-1s", "1.2.3s", "2S", "1e3s", "99999999d", "1s ", "0x1s"})
        {
            CPPUNIT_ASSERT_MESSAGE(text, !parseDuration(text));
        }
    }

    void sizesAreBinary()
    {
        CPPUNIT_ASSERT(parseSize("64MiB") == 64ULL << 20);
        CPPUNIT_ASSERT(parseSize("128M") == 128ULL << 20);
        CPPUNIT_ASSERT(parseSize("1000B") == 1000ULL);
        CPPUNIT_ASSERT(parseSize("1.5KiB") == 1536ULL);
        CPPUNIT_ASSERT(parseSize("0") == 0ULL);
        for (const std::string text : {"", "64", "64MB", "64 MiB", "-1B", "1MiB1KiB", "9999999TiB"})
            CPPUNIT_ASSERT_MESSAGE(text, !parseSize(text));
    }

    void numbersAreWholeTextsAndFinite()
    {
        CPPUNIT_ASSERT(parseInteger("-20") == -20);
        CPPUNIT_ASSERT(parseNumber("0.25") == 0.25);
        for (const std::string text : {"", "3x", " 3", "3 ", "+3", "99999999999999999999", "1.0"})
            CPPUNIT_ASSERT_MESSAGE(text, !parseInteger(text));
        for (const std::string text : {"", "inf", "nan", "1e999", "0x10", "1,5"}) CPPUNIT_ASSERT_MESSAGE(text, !parseNumber(text));
    }

    void booleansHaveFourWordsEach()
    {
        for (const std::string yes : {"true", "yes", "on", "1"}) CPPUNIT_ASSERT(parseBoolean(yes) == true);
        for (const std::string no : {"false", "no", "off", "0"}) CPPUNIT_ASSERT(parseBoolean(no) == false);
        for (const std::string neither : {"", "TRUE", "y", "2", "enabled"}) CPPUNIT_ASSERT(!parseBoolean(neither));
    }

    void whatIsFormattedIsReadBack()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("28d"), formatDuration(24h * 28));
        CPPUNIT_ASSERT_EQUAL(std::string("90m"), formatDuration(90min));
        CPPUNIT_ASSERT_EQUAL(std::string("1500ms"), formatDuration(1500ms));
        CPPUNIT_ASSERT_EQUAL(std::string("0"), formatDuration(0ms));
        CPPUNIT_ASSERT_EQUAL(std::string("256KiB"), formatSize(256ULL << 10));
        CPPUNIT_ASSERT_EQUAL(std::string("1000B"), formatSize(1000));
        for (const std::int64_t count : {1LL, 999LL, 1000LL, 61'000LL, 3'600'000LL, 123'456'789LL})
        {
            CPPUNIT_ASSERT(parseDuration(formatDuration(milliseconds{count})) == milliseconds{count});
            const auto bytes = static_cast<std::uint64_t>(count);
            CPPUNIT_ASSERT(parseSize(formatSize(bytes)) == bytes);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("0.1"), formatNumber(0.1));
        CPPUNIT_ASSERT_EQUAL(std::string("2"), formatNumber(2.0));
    }

    void listsKeepQuotedCommas()
    {
        const auto items = splitList(R"( a, "b, c" ,d\e,"f \"g\"" )");

        CPPUNIT_ASSERT(items == (std::vector<std::string>{"a", "b, c", "d\\e", "f \"g\""}));
        CPPUNIT_ASSERT(splitList("  ").empty());
        CPPUNIT_ASSERT(splitList("a,,b") == (std::vector<std::string>{"a", "", "b"}));
    }

    void joinedListsAreReadBack()
    {
        for (const std::vector<std::string>& items :
             {std::vector<std::string>{}, {"a"}, {"a", "b"}, {"a, b", "\"", "\\", " c "}, {"", "x"}})
        {
            CPPUNIT_ASSERT(splitList(joinList(items)) == items);
        }
    }

    void errorsNameTheRemedy()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("is '2 sec', not a duration; write e.g. 2s, 500ms, 5m"),
                             error({ValueKind::Duration, {}, {}, {}}, "2 sec"));
        CPPUNIT_ASSERT_EQUAL(std::string("is '3.5', not a whole number; write e.g. 3"), error({ValueKind::Integer, {}, {}, {}}, "3.5"));
        CPPUNIT_ASSERT_EQUAL(std::string("has an empty item; remove the comma too many"),
                             parseValue({ValueKind::List, {}, {}, {}}, "a,,b", {"a", "", "b"}).error);
    }

    void errorsKeepSecrets()
    {
        const auto parsed = parseValue({ValueKind::Integer, 0, 10, {}}, "hunter2", {}, true);

        CPPUNIT_ASSERT(!parsed.value);
        CPPUNIT_ASSERT(parsed.error.find("hunter2") == std::string::npos);
    }

    void rangesAreInclusiveAndNamed()
    {
        const ValueRule port{ValueKind::Integer, 0, 65535, {}};

        CPPUNIT_ASSERT(parseValue(port, "0", {}).value.has_value());
        CPPUNIT_ASSERT(parseValue(port, "65535", {}).value.has_value());
        CPPUNIT_ASSERT_EQUAL(std::string("is '65536', must be 0 to 65535"), error(port, "65536"));
        CPPUNIT_ASSERT_EQUAL(std::string("is '2h', must be 1ms to 1h"), error({ValueKind::Duration, 1, 3'600'000, {}}, "2h"));
    }

    void choicesSuggestTheNearest()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("is 'jsno', must be one of text, json; did you mean 'json'?"),
                             error({ValueKind::Choice, {}, {}, {"text", "json"}}, "jsno"));
    }

    void invalidUtf8IsFoundAtItsByte()
    {
        CPPUNIT_ASSERT(!firstInvalidUtf8("é€😀\xEF\xBB\xBF"));
        CPPUNIT_ASSERT(firstInvalidUtf8("ab\xFF") == 2U);
        CPPUNIT_ASSERT(firstInvalidUtf8("\xC0\xAF") == 0U);         // overlong
        CPPUNIT_ASSERT(firstInvalidUtf8("a\xED\xA0\x80") == 1U);    // surrogate
        CPPUNIT_ASSERT(firstInvalidUtf8("\xF4\x90\x80\x80") == 0U); // above U+10FFFF
        CPPUNIT_ASSERT(firstInvalidUtf8("caf\xC3") == 3U);          // cut short
    }

private:
    static std::string error(const ValueRule& rule, const std::string& text) { return parseValue(rule, text, {}).error; }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ValuesTest);

} // namespace carillon::config::tests
