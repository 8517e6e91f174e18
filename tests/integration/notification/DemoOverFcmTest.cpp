#include "SendHandler.h"
#include "SendMessage.h"
#include "notification/PushNotificationService.h"
#include "push/fcm/FcmClient.h"
#include "schema/Schema.h"
#include "stores/sqlite/SqliteStore.h"
#include "support/TemporaryDirectory.h"
#include "support/fakefcm/FakeFcm.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <set>

namespace carillon::tests
{

using namespace std::chrono_literals;

namespace
{

/// One message of the demo through all its attempts; retries come at once, deferrals never.
struct DemoMessage
{
    Envelope envelope;
    std::unique_ptr<Context> context;
    std::unique_ptr<BatchItem> item;
    std::string userId;
    bool isOver = false;
};

} // namespace

/// The demo's 200 lines through the plugin, the service, the SQLite store and the real FCM client to the fake FCM.
class DemoOverFcmTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DemoOverFcmTest);
    CPPUNIT_TEST(everyLineEndsAsThePageSays);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _store.setUp();
        std::ifstream file(folder() + "devices.json");
        const auto devices = nlohmann::json::parse(file);
        _fake.admin("POST", "/addresses", devices.at("fakeFcm").at("addresses").dump());
        _fake.admin("PUT", "/faults", devices.at("fakeFcm").at("faults").dump());
        for (const auto& user : devices.at("users"))
        {
            const auto userId = user.at("userId").get<std::string>();
            _store.devices().addUser(userId);
            for (const auto& device : user.at("devices"))
            {
                _store.devices().put(userId, {device.at("kind"), device.at("value"), device.at("platform"), device.at("application"),
                                              systemClock().now() - 24h});
                ++_devicesOf[userId];
            }
        }
        readMessages();
    }

    void everyLineEndsAsThePageSays()
    {
        for (bool isAnyOpen = true; isAnyOpen;) isAnyOpen = handleRound();

        const std::map<std::string, std::map<std::string, int>> expected{
            {"ack", {{"", 192}}},
            {"defer", {{"rate_limit", 2}}},
            {"reject", {{"unavailable", 1}, {"unknown_user", 1}, {"unreachable", 2}}}};
        CPPUNIT_ASSERT_EQUAL(nlohmann::json(expected).dump(), nlohmann::json(_ended).dump());
        CPPUNIT_ASSERT_EQUAL(4, attemptsOf("u-2005"));
        CPPUNIT_ASSERT_EQUAL(2, attemptsOf("u-2004"));
        assertJournalHoldsEachPushOnce();
        assertStatuses();
    }

private:
    void readMessages()
    {
        const schema::Schema schema(send::sendMessageSchema);
        std::ifstream file(folder() + "notifications.jsonl");
        for (std::string line; std::getline(file, line);)
        {
            try
            {
                if (schema.validate(line)) continue;
            }
            catch (const InvalidInput&)
            {
                continue;
            }
            DemoMessage& message = _messages.emplace_back();
            message.envelope.id = newMessageId(systemClock().now());
            message.envelope.type = "notification.send";
            message.envelope.body = line;
            message.userId = send::parseSendMessage(message.envelope).userId;
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{198}, _messages.size());
    }

    /// Every open message once more, in batches; true while some want another attempt.
    bool handleRound()
    {
        std::vector<DemoMessage*> open;
        for (DemoMessage& message : _messages)
            if (!message.isOver) open.push_back(&message);
        constexpr std::size_t maxBatch = 64;
        for (std::size_t first = 0; first < open.size(); first += maxBatch)
        {
            const std::span<DemoMessage*> batch(open.data() + first, std::min(maxBatch, open.size() - first));
            handleBatch(batch);
        }
        return std::ranges::any_of(_messages, [](const DemoMessage& message) { return !message.isOver; });
    }

    void handleBatch(std::span<DemoMessage*> batch)
    {
        std::vector<BatchItem> items;
        for (DemoMessage* message : batch)
        {
            message->context = std::make_unique<Context>(systemClock(), _logger, systemClock().steady() + 30s, false, 4);
            items.emplace_back(message->envelope, *message->context);
        }
        _handler.handleBatch(items);
        for (std::size_t i = 0; i < batch.size(); ++i)
        {
            CPPUNIT_ASSERT(items[i].outcome().has_value());
            decide(*batch[i], *items[i].outcome());
        }
    }

    void decide(DemoMessage& message, Outcome outcome)
    {
        port::Decision decision;
        decision.envelope = &message.envelope;
        decision.transport = "notifications";
        decision.work = &message.context->unitOfWork();
        if (!outcome.isAck())
            decision.failure = port::Failure{systemClock().now(), message.envelope.attempt, outcome.errorClass(), outcome.reason()};
        const bool isRetry = outcome.kind() == Outcome::Kind::Retry && message.envelope.attempt < 4;
        if (outcome.kind() == Outcome::Kind::Retry && !isRetry)
            outcome = Outcome::reject(outcome.reason()).withErrorClass(outcome.errorClass());
        if (outcome.kind() == Outcome::Kind::Reject) _handler.gaveUp(message.envelope, *message.context, outcome.reason());
        decision.decided = outcome.isAck()                          ? port::Decided::Done
                           : isRetry                                ? port::Decided::Retry
                           : outcome.kind() == Outcome::Kind::Defer ? port::Decided::Defer
                                                                    : port::Decided::Dead;
        CPPUNIT_ASSERT(_store.ledger().decide({&decision, 1}, nullptr).front() == port::DecisionResult::Applied);
        for (const Envelope& update : message.context->unitOfWork().followUps()) ++_updates[update.id];
        if (isRetry)
        {
            ++message.envelope.attempt;
            ++message.envelope.turn;
            return;
        }
        message.isOver = true;
        ++_ended[std::string(toString(outcome.kind()))][outcome.errorClass()];
    }

    void assertJournalHoldsEachPushOnce()
    {
        std::size_t expected = 0;
        std::set<std::string> sent;
        for (const DemoMessage& message : _messages)
        {
            const auto stored = _store.notifications().findByMessageId(message.envelope.id);
            if (stored->status != notification::NotificationStatus::Sent) continue;
            sent.insert(message.envelope.id);
            // The old phone of u-2003 took nothing.
            expected += static_cast<std::size_t>(message.userId == "u-2003" ? 1 : _devicesOf.at(message.userId));
        }
        const auto journal = _fake.waitForDeliveries(expected);
        std::set<std::pair<std::string, std::string>> pushes;
        bool hasAccents = false;
        for (const FcmDelivery& delivery : journal)
        {
            CPPUNIT_ASSERT_MESSAGE("pushed for a message that was not sent: " + delivery.address, sent.contains(delivery.tag));
            CPPUNIT_ASSERT_MESSAGE("pushed twice: " + delivery.address, pushes.emplace(delivery.tag, delivery.address).second);
            CPPUNIT_ASSERT_EQUAL(delivery.tag, delivery.collapseId);
            hasAccents = hasAccents || nlohmann::json::parse(delivery.message).dump().find("Échographie 🤰") != std::string::npos;
        }
        CPPUNIT_ASSERT_EQUAL(expected, journal.size());
        CPPUNIT_ASSERT(hasAccents);
    }

    void assertStatuses()
    {
        std::map<std::string, int> statuses;
        for (const DemoMessage& message : _messages)
            ++statuses[std::string(toString(_store.notifications().findByMessageId(message.envelope.id)->status))];
        CPPUNIT_ASSERT((statuses == std::map<std::string, int>{{"failed", 4}, {"pending", 2}, {"sent", 192}}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{196}, _updates.size());
        for (const auto& [id, times] : _updates) CPPUNIT_ASSERT_EQUAL_MESSAGE(id, 1, times);
        const std::string users[] = {"u-2002", "u-2003"};
        auto addresses = _store.devices().addressesOf(users);
        CPPUNIT_ASSERT(addresses["u-2002"].empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, addresses["u-2003"].size());
    }

    int attemptsOf(const std::string& userId) const { return std::ranges::find(_messages, userId, &DemoMessage::userId)->envelope.attempt; }

    static std::string folder()
    {
        const char* source = std::getenv("CARILLON_SOURCE_DIR");
        CPPUNIT_ASSERT_MESSAGE("CARILLON_SOURCE_DIR is not set; run it by ctest", source != nullptr);
        return std::string(source) + "/etc/demo/";
    }
    static sqlite::Options quickOptions()
    {
        // Not synchronised at each commit: no test cuts the power.
        sqlite::Options options;
        options.durability = sqlite::Durability::Normal;
        return options;
    }
    static notification::PushNotificationOptions serviceOptions()
    {
        notification::PushNotificationOptions options;
        options.alert = options.reminder = options.info = {"Message", "Ouvrez l’application."};
        return options;
    }
    push::fcm::FcmOptions fcmOptions() const
    {
        push::fcm::FcmOptions options;
        options.endpoint = _fake.endpoint();
        options.serviceAccountFile = _fake.serviceAccountFile();
        options.caFile = _fake.caFile();
        return options;
    }

    TemporaryDirectory _directory;
    Logger _logger;
    FakeFcm _fake;
    stores::sqlite::SqliteStore _store{sqlite::Database::open(_directory / "carillon.db", quickOptions())};
    push::fcm::FcmClient _client{fcmOptions(), systemClock(), _logger};
    notification::PushNotificationService _service{{_store.notifications(), _store.devices(), _store.ledger(), _store.pushLedger(),
                                                    _store.rateLimiter(), _client, systemClock(), _logger},
                                                   serviceOptions()};
    send::SendHandler _handler{_service};
    std::deque<DemoMessage> _messages;
    std::map<std::string, int> _devicesOf;
    std::map<std::string, std::map<std::string, int>> _ended;
    std::map<std::string, int> _updates;
};

CPPUNIT_TEST_SUITE_REGISTRATION(DemoOverFcmTest);

} // namespace carillon::tests
