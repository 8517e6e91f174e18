#include "schema/Schema.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace carillon::schema
{

class SchemaRulesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SchemaRulesTest);
    CPPUNIT_TEST(patternWithoutMaxLengthIsRefused);
    CPPUNIT_TEST(patternIsFoundInEverySubschema);
    CPPUNIT_TEST(dataThatLooksLikeAPatternIsNotOne);
    CPPUNIT_TEST(brokenExpressionIsRefused);
    CPPUNIT_TEST(whatTheValidatorWouldIgnoreIsRefused);
    CPPUNIT_TEST(referencesStayWithinTheText);
    CPPUNIT_TEST(uniqueItemsNeedsMaxItems);
    CPPUNIT_TEST(textThatIsNoSchemaIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void patternWithoutMaxLengthIsRefused()
    {
        assertRefused("/pattern", "maxLength", R"({"pattern":"^a$"})");
        assertRefused("/pattern", "maxLength", R"({"pattern":"^a$","maxLength":1025})");
        assertRefused("/pattern", "maxLength", R"({"pattern":"^a$","maxLength":"10"})");
        checkSchemaRules(R"({"pattern":"^a$","maxLength":1024})");
    }

    void patternIsFoundInEverySubschema()
    {
        for (const char* keyword :
             {"additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"})
            assertRefused(std::string("/") + keyword + "/pattern", "maxLength", std::string("{\"") + keyword + R"(":{"pattern":"a"}})");
        for (const char* keyword : {"allOf", "anyOf", "oneOf", "items"})
            assertRefused(std::string("/") + keyword + "/1/pattern", "maxLength",
                          std::string("{\"") + keyword + R"(":[true,{"pattern":"a"}]})");
        for (const char* keyword : {"properties", "definitions", "dependencies"})
            assertRefused(std::string("/") + keyword + "/x~1y/pattern", "maxLength",
                          std::string("{\"") + keyword + R"(":{"x/y":{"pattern":"a"}}})");
    }

    void dataThatLooksLikeAPatternIsNotOne()
    {
        const Schema schema(R"({"properties":{"pattern":{"type":"string"}},"enum":[{"pattern":"a"},{"pattern":"("}]})");

        CPPUNIT_ASSERT(!schema.validate(R"({"pattern":"a"})"));
        CPPUNIT_ASSERT(schema.validate(R"({"pattern":"b"})"));
    }

    void brokenExpressionIsRefused()
    {
        assertRefused("/pattern", "ECMAScript", R"({"pattern":"(a","maxLength":5})");
        assertRefused("/pattern", "back-references", R"({"pattern":"(a)\\1","maxLength":5})");
    }

    void whatTheValidatorWouldIgnoreIsRefused()
    {
        assertRefused("/requried", "no keyword", R"({"requried":["a"]})");
        assertRefused("/$defs", "no keyword", R"({"$defs":{}})");
        assertRefused("/format", "not checked", R"({"format":"email"})");
        assertRefused("/patternProperties", "not supported", R"({"patternProperties":{"a":true}})");
        assertRefused("/x-carillon-pattern", "no keyword", R"({"x-carillon-pattern":"a"})");
        checkSchemaRules(R"({"x-note":"ours"})");
    }

    void referencesStayWithinTheText()
    {
        checkSchemaRules(R"({"properties":{"a":{"$ref":"#/definitions/b"}},"definitions":{"b":true}})");
        assertRefused("/$ref", "points to no schema", R"({"$ref":"http://example.org/other.json"})");
        assertRefused("/$ref", "points to no schema", R"({"$ref":"#/definitions/missing"})");
        assertRefused("/$ref", "points to no schema", R"({"$ref":"#/default","default":{"pattern":"(a+)+$"}})");
    }

    void uniqueItemsNeedsMaxItems()
    {
        assertRefused("/uniqueItems", "maxItems", R"({"uniqueItems":true})");
        checkSchemaRules(R"({"uniqueItems":true,"maxItems":10})");
        checkSchemaRules(R"({"uniqueItems":false})");
    }

    void textThatIsNoSchemaIsRefused()
    {
        for (const char* text :
             {"", "{", "1", "\"text\"", R"({"type":"strnig"})", R"({"properties":[]})", R"({"required":"a"})", R"({"allOf":{}})"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, Schema{text}, InvalidInput);
    }

private:
    static void assertRefused(const std::string& pointer, const std::string& reason, const std::string& schema)
    {
        try
        {
            checkSchemaRules(schema);
        }
        catch (const InvalidInput& error)
        {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(schema, pointer, error.pointer());
            CPPUNIT_ASSERT_MESSAGE(error.what(), std::string(error.what()).find(reason) != std::string::npos);
            return;
        }
        CPPUNIT_FAIL("accepted: " + schema);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SchemaRulesTest);

} // namespace carillon::schema
