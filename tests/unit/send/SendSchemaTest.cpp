#include "SendMessage.h"
#include "schema/Schema.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fmt/format.h>

namespace carillon::tests
{

/// What the publishing doors and the worker let through.
class SendSchemaTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SendSchemaTest);
    CPPUNIT_TEST(theSchemaKeepsTheRulesForSchemas);
    CPPUNIT_TEST(wellFormedMessagesPass);
    CPPUNIT_TEST(violationsAreNamedByTheirPlace);
    CPPUNIT_TEST(namesThatFcmReservesAreStoppedAtTheDoor);
    CPPUNIT_TEST_SUITE_END();

public:
    void theSchemaKeepsTheRulesForSchemas() { CPPUNIT_ASSERT_NO_THROW(schema::checkSchemaRules(send::sendMessageSchema)); }

    void wellFormedMessagesPass()
    {
        const schema::Schema schema(send::sendMessageSchema);
        const std::string nested =
            R"({"liste":[1,2.5,true,null,{"é":"🙂"}],"fromage":"comté","a":{"from":"in depth it is a name like others"}})";
        for (const std::string& body : {
                 bodyWith(R"("data":{})"),
                 bodyWith(R"("data":[])"),
                 bodyWith(R"("data":[1,"deux",{"from":3}])"),
                 bodyWith(R"("data":)" + nested),
                 std::string(R"({"userId":"u","type":"info","title":"","body":"","serviceName":"wellness"})"),
                 std::string(R"({"userId":"u","type":"alert","title":"","body":"","serviceName":"other-service_2"})"),
             })
        {
            const auto violation = schema.validate(body);
            CPPUNIT_ASSERT_MESSAGE(body + (violation ? violation->pointer + violation->message : ""), !violation.has_value());
        }
    }

    void violationsAreNamedByTheirPlace()
    {
        const schema::Schema schema(send::sendMessageSchema);
        const std::string valid = R"("userId":"u","type":"info","title":"t","body":"b","serviceName":"wellness")";
        const std::pair<std::string, std::string> cases[] = {
            {R"([])", ""},
            {R"({"type":"info","title":"t","body":"b","serviceName":"wellness"})", ""},
            {R"({"userId":"","type":"info","title":"t","body":"b","serviceName":"wellness"})", "/userId"},
            {R"({"userId":"u","type":"urgent","title":"t","body":"b","serviceName":"wellness"})", "/type"},
            {R"({"userId":"u","type":"info","title":12,"body":"b","serviceName":"wellness"})", "/title"},
            {fmt::format(R"({{"userId":"u","type":"info","title":"{}","body":"b","serviceName":"wellness"}})", std::string(257, 'x')),
             "/title"},
            {R"({"userId":"u","type":"info","title":"t","body":"b","serviceName":"Wellness"})", "/serviceName"},
            {"{" + valid + R"(,"data":"text"})", "/data"},
            {"{" + valid + R"(,"subtitle":"x"})", ""},
        };
        for (const auto& [body, pointer] : cases)
        {
            const auto violation = schema.validate(body);
            CPPUNIT_ASSERT_MESSAGE("it passed: " + body, violation.has_value());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(body + ": " + violation->message, pointer, violation->pointer.substr(0, pointer.size()));
        }
    }

    void namesThatFcmReservesAreStoppedAtTheDoor()
    {
        const schema::Schema schema(send::sendMessageSchema);
        for (const char* name : {"from", "message_type", "google.x", "google", "gcm.notification.x", ""})
        {
            const auto violation = schema.validate(bodyWith(fmt::format(R"("data":{{"{}":1}})", name)));
            CPPUNIT_ASSERT_MESSAGE(name, violation.has_value());
            CPPUNIT_ASSERT_MESSAGE(violation->message, (violation->pointer + violation->message).find("data") != std::string::npos);
        }
    }

private:
    static std::string bodyWith(const std::string& member)
    {
        return R"({"userId":"u","type":"info","title":"Été","body":"b","serviceName":"wellness",)" + member + "}";
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SendSchemaTest);

} // namespace carillon::tests
