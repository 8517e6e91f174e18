#include "SendMessage.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

using notification::NotificationType;
using send::parseSendMessage;

class SendMessageTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SendMessageTest);
    CPPUNIT_TEST(allFieldsAreRead);
    CPPUNIT_TEST(missingDataIsAnEmptyObject);
    CPPUNIT_TEST(dataMayBeAList);
    CPPUNIT_TEST(headersAskForADryRunAndMarkADoseReminder);
    CPPUNIT_TEST(aHeaderThatIsNeitherTrueNorFalseIsRefused);
    CPPUNIT_TEST(whatIsMissingIsNamedAndWhatIsThereIsNot);
    CPPUNIT_TEST_SUITE_END();

public:
    void allFieldsAreRead()
    {
        const auto request = parseSendMessage(messageOf(
            R"({"userId":"u-1","type":"reminder","title":"Rendez-vous 📅","body":"à 9 h","data":{"a":[1]},"serviceName":"maternity"})"));

        CPPUNIT_ASSERT_EQUAL(std::string("u-1"), request.userId);
        CPPUNIT_ASSERT(request.type == NotificationType::Reminder);
        CPPUNIT_ASSERT_EQUAL(std::string("Rendez-vous 📅"), request.title);
        CPPUNIT_ASSERT_EQUAL(std::string("à 9 h"), request.body);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"a":[1]})"), request.data);
        CPPUNIT_ASSERT_EQUAL(std::string("maternity"), request.serviceName);
        CPPUNIT_ASSERT(!request.isDryRun);
        CPPUNIT_ASSERT(!request.isDoseReminder);
    }

    void missingDataIsAnEmptyObject()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("{}"),
            parseSendMessage(messageOf(R"({"userId":"u","type":"info","title":"","body":"","serviceName":"wellness"})")).data);
    }

    void dataMayBeAList()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("[]"),
            parseSendMessage(messageOf(R"({"userId":"u","type":"info","title":"","body":"","data":[],"serviceName":"wellness"})")).data);
    }

    void headersAskForADryRunAndMarkADoseReminder()
    {
        auto message = validMessage();
        message.headers["x-dry-run"] = "true";
        message.headers["x-dose-reminder"] = "true";

        CPPUNIT_ASSERT(parseSendMessage(message).isDryRun);
        CPPUNIT_ASSERT(parseSendMessage(message).isDoseReminder);
        CPPUNIT_ASSERT(send::isDryRun(message));

        message.headers["x-dry-run"] = "false";
        CPPUNIT_ASSERT(!parseSendMessage(message).isDryRun);
        CPPUNIT_ASSERT(!send::isDryRun(message));
    }

    /// A dry run that is sent for real by a misspelt value would be worse than an error.
    void aHeaderThatIsNeitherTrueNorFalseIsRefused()
    {
        auto message = validMessage();
        message.headers["x-dry-run"] = "yes";

        CPPUNIT_ASSERT_THROW(parseSendMessage(message), PermanentFailure);
        CPPUNIT_ASSERT(send::isDryRun(message));
    }

    void whatIsMissingIsNamedAndWhatIsThereIsNot()
    {
        const std::pair<const char*, const char*> cases[] = {
            {R"(["Durand"])", "not an object"},
            {R"({"userId":"Durand")", "not valid JSON"},
            {"{\"userId\":\"Durand\xff\"}", "not valid JSON"},
            {R"({"type":"info","title":"Durand","body":"","serviceName":"wellness"})", "'userId'"},
            {R"({"userId":"Durand","type":"alarm","title":"","body":"","serviceName":"wellness"})", "'type'"},
            {R"({"userId":"Durand","type":"info","title":7,"body":"","serviceName":"wellness"})", "'title'"},
            {R"({"userId":"Durand","type":"info","title":"","body":"","data":"Durand","serviceName":"wellness"})", "'data'"},
            {R"({"userId":"Durand","type":"info","title":"","body":"","data":null,"serviceName":"wellness"})", "'data'"},
        };
        for (const auto& [body, name] : cases)
        {
            try
            {
                parseSendMessage(messageOf(body));
                CPPUNIT_FAIL(std::string("it passed: ") + body);
            }
            catch (const PermanentFailure& failure)
            {
                const std::string text = failure.what();
                CPPUNIT_ASSERT_MESSAGE(text, text.find(name) != std::string::npos);
                CPPUNIT_ASSERT_MESSAGE(text, text.find("Durand") == std::string::npos);
            }
        }
    }

private:
    static Envelope messageOf(std::string body)
    {
        Envelope envelope;
        envelope.id = "m-1";
        envelope.type = "notification.send";
        envelope.body = std::move(body);
        return envelope;
    }
    static Envelope validMessage() { return messageOf(R"({"userId":"u","type":"info","title":"","body":"","serviceName":"wellness"})"); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SendMessageTest);

} // namespace carillon::tests
