#include "schema/Json.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace carillon::schema
{

class JsonTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(JsonTest);
    CPPUNIT_TEST(everyKindOfValueIsAccepted);
    CPPUNIT_TEST(bodyOverTheLimitIsRefusedWithBothSizes);
    CPPUNIT_TEST(depthAtTheLimitIsAcceptedAndOneMoreIsNot);
    CPPUNIT_TEST(tenThousandBracketsAreACleanError);
    CPPUNIT_TEST(invalidUtf8IsRefused);
    CPPUNIT_TEST(loneSurrogateIsRefused);
    CPPUNIT_TEST(secondValueIsRefused);
    CPPUNIT_TEST(nothingIsNoValue);
    CPPUNIT_TEST(nulByteAfterTheValueIsRefused);
    CPPUNIT_TEST(byteOrderMarkIsRefused);
    CPPUNIT_TEST(repeatedNameIsRefusedWhereverItIs);
    CPPUNIT_TEST(sameNameInTwoObjectsIsAccepted);
    CPPUNIT_TEST(errorHoldsTheOffsetAndNothingOfTheBody);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyKindOfValueIsAccepted()
    {
        for (const char* body : {"null", "true", "0", "-1.5e3", "\"text\"", "[]", "{}", R"({"a":[1,{"b":null}],"é":"🎉"})", " {} \n"})
            checkJson(body);
    }

    void bodyOverTheLimitIsRefusedWithBothSizes()
    {
        const std::string error = errorOf("\"12345678\"", {.maxBytes = 9, .maxDepth = 4});

        assertContains("10 bytes", error);
        assertContains("9 are allowed", error);
    }

    void depthAtTheLimitIsAcceptedAndOneMoreIsNot()
    {
        checkJson("[{\"a\":[]}]", {.maxBytes = 100, .maxDepth = 3});

        assertContains("deeper than 2 levels", errorOf("[{\"a\":[]}]", {.maxBytes = 100, .maxDepth = 2}));
    }

    void tenThousandBracketsAreACleanError()
    {
        assertContains("deeper than 64 levels", errorOf(std::string(10000, '[')));
        assertContains("deeper than 64 levels", errorOf(nested(10000)));
        // Without the limit it is long, but no recursion either.
        checkJson(nested(100000), {.maxBytes = 1 << 20, .maxDepth = 100000});
    }

    void invalidUtf8IsRefused()
    {
        for (const char* body : {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "{\"\xe2\x28\xa1\":1}"})
            assertContains("not valid UTF-8", errorOf(body));
    }

    void loneSurrogateIsRefused() { assertContains("surrogate", errorOf(R"("\ud800")")); }

    void secondValueIsRefused() { assertContains("not JSON at byte 3", errorOf("{} {}")); }

    void nothingIsNoValue()
    {
        assertContains("not JSON", errorOf(""));
        assertContains("not JSON", errorOf("  "));
    }

    void nulByteAfterTheValueIsRefused()
    {
        assertContains("NUL byte", errorOf(std::string_view("{}\0{\"a\":1}", 10)));
        assertContains("not JSON", errorOf(std::string_view("\"a\0b\"", 5)));
    }

    void byteOrderMarkIsRefused() { assertContains("not JSON at byte 0", errorOf("\xef\xbb\xbf{}")); }

    void repeatedNameIsRefusedWhereverItIs()
    {
        for (const char* body :
             {R"({"a":1,"a":2})", R"([{"x":{"b":1,"c":2,"b":3}}])", R"({"a":{"b":1},"c":{},"a":1})", "{\"a\":1,\"\\u0061\":2}"})
            assertContains("same name twice", errorOf(body));
    }

    void sameNameInTwoObjectsIsAccepted() { checkJson(R"({"a":{"a":{"a":1},"b":2},"b":[{"a":1},{"a":2}]})"); }

    void errorHoldsTheOffsetAndNothingOfTheBody()
    {
        for (const std::string body : {R"({"title":"Mme Dupont" oops})", R"({"Dupont":1,"Dupont":2})", R"({"Dupont":)",
                                       R"(["Dupont", Dupont])", "{\"Dupont\":\"\xff\"}"})
        {
            const std::string error = errorOf(body);
            CPPUNIT_ASSERT_MESSAGE(error, error.find("Dupont") == std::string::npos);
            assertContains("byte ", error);
        }
    }

private:
    static std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

    static std::string errorOf(std::string_view body, const BodyLimits& limits = {})
    {
        try
        {
            checkJson(body, limits);
        }
        catch (const InvalidInput& error)
        {
            return error.what();
        }
        CPPUNIT_FAIL("accepted: " + std::string(body.substr(0, 60)));
        return {};
    }

    static void assertContains(const std::string& part, const std::string& text)
    {
        CPPUNIT_ASSERT_MESSAGE("'" + part + "' is not in: " + text, text.find(part) != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JsonTest);

} // namespace carillon::schema
