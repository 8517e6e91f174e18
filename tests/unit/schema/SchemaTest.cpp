#include "schema/Schema.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace carillon::schema
{

namespace
{

constexpr const char* sendSchema = R"({
    "$id": "https://example.org/send.json",
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["userId", "type"],
    "additionalProperties": false,
    "properties": {
        "userId": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-zé0-9-]+$"},
        "type": {"enum": ["alert", "info"]},
        "title": {"type": "string", "maxLength": 5},
        "at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 3}, "maxItems": 3, "uniqueItems": true},
        "a/b~c": {"type": "integer"},
        "data": {"type": "object", "additionalProperties": {"$ref": "#/definitions/leaf"}, "propertyNames": {"maxLength": 8, "pattern": "^[^.]+$"}}
    },
    "definitions": {"leaf": {"type": ["string", "number"]}}
})";

} // namespace

class SchemaTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SchemaTest);
    CPPUNIT_TEST(bodyThatKeepsTheSchemaHasNoViolation);
    CPPUNIT_TEST(violationNamesThePlaceAndTheRule);
    CPPUNIT_TEST(namesThatOnlyTheBodyKnowsAreNotShown);
    CPPUNIT_TEST(pointerIsEscapedAsRfc6901Asks);
    CPPUNIT_TEST(bodyThatIsNoJsonThrowsAsCheckJsonDoes);
    CPPUNIT_TEST(lengthIsCountedInCharacters);
    CPPUNIT_TEST(requireThrowsWithThePointer);
    CPPUNIT_TEST(falseSchemaRefusesAll);
    CPPUNIT_TEST(formatsAreChecked);
    CPPUNIT_TEST(patternThatWouldBacktrackForeverAnswersAtOnce);
    CPPUNIT_TEST(longTextDoesNotReachThePattern);
    CPPUNIT_TEST(recursiveSchemaFollowsTheBody);
    CPPUNIT_TEST(threadsShareOneSchema);
    CPPUNIT_TEST_SUITE_END();

public:
    void bodyThatKeepsTheSchemaHasNoViolation()
    {
        const Schema schema(sendSchema);

        CPPUNIT_ASSERT(!schema.validate(R"({"userId":"rené-7","type":"info","title":"été","tags":["a","b"],"data":{"x":1,"y":"z"}})"));
    }

    void violationNamesThePlaceAndTheRule()
    {
        assertViolation("", "required property 'type'", R"({"userId":"u"})");
        assertViolation("/title", "no more than 5 characters", R"({"userId":"u","type":"info","title":"too long"})");
        assertViolation("/type", "is none of the values that the schema allows", R"({"userId":"u","type":"shout"})");
        assertViolation("/userId", "'pattern'", R"({"userId":"U!","type":"info"})");
        assertViolation("/tags/1", "no more than 3 characters", R"({"userId":"u","type":"info","tags":["a","long"]})");
        assertViolation("", "has not the type that the schema asks for", "[]");
    }

    void namesThatOnlyTheBodyKnowsAreNotShown()
    {
        assertViolation("/data/*", "has not the type that the schema asks for", R"({"userId":"u","type":"info","data":{"Dupont":[]}})");
        assertViolation("", "a member that the schema does not allow", R"({"userId":"u","type":"info","Dupont":1})");
    }

    void pointerIsEscapedAsRfc6901Asks()
    {
        assertViolation("/a~1b~0c", "has not the type that the schema asks for", R"({"userId":"u","type":"info","a/b~c":"x"})");
    }

    void bodyThatIsNoJsonThrowsAsCheckJsonDoes()
    {
        const Schema schema("true");

        CPPUNIT_ASSERT_THROW(schema.validate("{"), InvalidInput);
        CPPUNIT_ASSERT_THROW(schema.validate(R"({"a":1,"a":2})"), InvalidInput);
        CPPUNIT_ASSERT_THROW(schema.validate(std::string(10000, '[')), InvalidInput);
        CPPUNIT_ASSERT_THROW(schema.validate("\"123\"", {.maxBytes = 4, .maxDepth = 1}), InvalidInput);
    }

    void lengthIsCountedInCharacters() { CPPUNIT_ASSERT(!Schema(R"({"maxLength":2})").validate("\"é🎉\"")); }

    void requireThrowsWithThePointer()
    {
        try
        {
            Schema(sendSchema).require(R"({"userId":"u","type":"info","title":"too long"})");
            CPPUNIT_FAIL("accepted");
        }
        catch (const InvalidInput& error)
        {
            CPPUNIT_ASSERT_EQUAL(std::string("/title"), error.pointer());
            CPPUNIT_ASSERT(std::string(error.what()).starts_with("the body's /title breaks the schema: "));
        }
    }

    void falseSchemaRefusesAll() { CPPUNIT_ASSERT(Schema("false").validate("1").has_value()); }

    void formatsAreChecked()
    {
        const Schema schema(R"({"format":"date-time"})");

        CPPUNIT_ASSERT(!schema.validate(R"("2026-11-23T08:00:00.5+01:00")"));
        CPPUNIT_ASSERT(schema.validate(R"("2026-11-23 08:00")"));
        CPPUNIT_ASSERT(!Schema(R"({"format":"uuid"})").validate(R"("0190f5e2-7c1a-7abc-8def-0123456789ab")"));
        CPPUNIT_ASSERT(schema.validate("\"" + std::string(100000, '1') + "\""));
    }

    void patternThatWouldBacktrackForeverAnswersAtOnce()
    {
        const Schema schema(R"({"type":"string","maxLength":1024,"pattern":"^(a+)+$"})");
        const auto started = std::chrono::steady_clock::now();

        CPPUNIT_ASSERT(schema.validate("\"" + std::string(1000, 'a') + "!\""));

        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - started < std::chrono::seconds(10));
    }

    void longTextDoesNotReachThePattern()
    {
        // The validator goes on after maxLength when it collects its reasons; recursing once a character it would end here.
        const Schema schema(R"({"maxLength":1024,"pattern":"^.*$"})");

        CPPUNIT_ASSERT(schema.validate("\"" + std::string(250000, 'a') + "\""));
    }

    void recursiveSchemaFollowsTheBody()
    {
        const Schema schema(R"({"type":"array","items":{"$ref":"#"}})");

        CPPUNIT_ASSERT(!schema.validate("[[],[[]]]"));
        CPPUNIT_ASSERT_EQUAL(std::string("/1/0"), schema.validate("[[],[0]]")->pointer);
    }

    void threadsShareOneSchema()
    {
        const Schema schema(sendSchema);
        std::atomic<int> wrong = 0;
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back(
                [&]
                {
                    for (int round = 0; round < 200; ++round)
                    {
                        if (schema.validate(R"({"userId":"u","type":"info","at":"2026-11-23T08:00:00Z"})")) ++wrong;
                        if (!schema.validate(R"({"userId":"U","type":"info"})")) ++wrong;
                    }
                });
        threads.clear();

        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
    }

private:
    static void assertViolation(const std::string& pointer, const std::string& message, const std::string& body)
    {
        const Schema schema(sendSchema);

        const auto violation = schema.validate(body);

        CPPUNIT_ASSERT_MESSAGE("accepted: " + body, violation.has_value());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(violation->message, pointer, violation->pointer);
        CPPUNIT_ASSERT_MESSAGE("'" + message + "' is not in: " + violation->message, violation->message.find(message) != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SchemaTest);

} // namespace carillon::schema
