#include "SendHandler.h"

#include "carillon/Errors.h"
#include "support/notification/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <deque>
#include <vector>

namespace carillon::tests
{

using notification::SendJob;

namespace
{

class FakeNotificationService final : public notification::NotificationService
{
public:
    void send(std::span<SendJob> jobs) override
    {
        ++calls;
        for (SendJob& job : jobs)
        {
            users.push_back(job.request.userId);
            if (isBroken) throw StoreError("the store is away");
            job.item->finish(Outcome::ack());
        }
    }
    void stageFailure(UnitOfWork&, const std::string& messageId, const std::string& serviceName) override
    {
        failures.push_back(messageId + " of " + serviceName);
    }

    int calls = 0;
    bool isBroken = false;
    std::vector<std::string> users;
    std::vector<std::string> failures;
};

} // namespace

class SendHandlerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SendHandlerTest);
    CPPUNIT_TEST(aBatchIsSentByOneCallOfTheService);
    CPPUNIT_TEST(settledItemsAreLeftAlone);
    CPPUNIT_TEST(anUnreadableMessageFailsAlone);
    CPPUNIT_TEST(aBatchOfUnreadableMessagesDoesNotReachTheService);
    CPPUNIT_TEST(oneMessageGoesTheSameWay);
    CPPUNIT_TEST(whatIsThrownForOneMessageComesOut);
    CPPUNIT_TEST(whatTheServiceThrowsIsTheBatchs);
    CPPUNIT_TEST(givingUpSaysThatTheNotificationFailed);
    CPPUNIT_TEST(givingUpAnUnreadableMessageUsesTheEnvelopesService);
    CPPUNIT_TEST(givingUpADryRunSaysNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void aBatchIsSentByOneCallOfTheService()
    {
        const auto items = batchOf({bodyFor("u-1"), bodyFor("u-2"), bodyFor("u-3")});

        _handler.handleBatch(*items);

        CPPUNIT_ASSERT_EQUAL(1, _service.calls);
        CPPUNIT_ASSERT((_service.users == std::vector<std::string>{"u-1", "u-2", "u-3"}));
        for (const BatchItem& item : *items) CPPUNIT_ASSERT(item.outcome()->isAck());
    }

    void settledItemsAreLeftAlone()
    {
        const auto items = batchOf({bodyFor("u-1"), bodyFor("u-2")});
        items->front().finish(Outcome::decided());

        _handler.handleBatch(*items);

        CPPUNIT_ASSERT((_service.users == std::vector<std::string>{"u-2"}));
        CPPUNIT_ASSERT(items->front().outcome()->kind() == Outcome::Kind::Decided);
    }

    void anUnreadableMessageFailsAlone()
    {
        const auto items = batchOf({"{", bodyFor("u-2")});

        _handler.handleBatch(*items);

        CPPUNIT_ASSERT_THROW(std::rethrow_exception(items->front().error()), PermanentFailure);
        CPPUNIT_ASSERT(items->back().outcome()->isAck());
    }

    void aBatchOfUnreadableMessagesDoesNotReachTheService()
    {
        const auto items = batchOf({"{", "[]"});

        _handler.handleBatch(*items);

        CPPUNIT_ASSERT_EQUAL(0, _service.calls);
    }

    void oneMessageGoesTheSameWay()
    {
        const Envelope envelope = envelopeOf(bodyFor("u-1"));
        Context context = newContext();

        CPPUNIT_ASSERT(_handler.handle(envelope, context).isAck());
        CPPUNIT_ASSERT((_service.users == std::vector<std::string>{"u-1"}));
    }

    void whatIsThrownForOneMessageComesOut()
    {
        const Envelope envelope = envelopeOf("{");
        Context context = newContext();

        CPPUNIT_ASSERT_THROW(_handler.handle(envelope, context), PermanentFailure);
    }

    void whatTheServiceThrowsIsTheBatchs()
    {
        _service.isBroken = true;
        const auto items = batchOf({bodyFor("u-1")});

        CPPUNIT_ASSERT_THROW(_handler.handleBatch(*items), StoreError);
        CPPUNIT_ASSERT(items->front().isOpen());
    }

    void givingUpSaysThatTheNotificationFailed()
    {
        Context context = newContext();

        _handler.gaveUp(envelopeOf(bodyFor("u-1")), context, "push failed");

        CPPUNIT_ASSERT((_service.failures == std::vector<std::string>{"m-1 of wellness"}));
    }

    void givingUpAnUnreadableMessageUsesTheEnvelopesService()
    {
        Context context = newContext();
        Envelope envelope = envelopeOf("{");
        envelope.service = "maternity";

        _handler.gaveUp(envelope, context, "not valid JSON");

        CPPUNIT_ASSERT((_service.failures == std::vector<std::string>{"m-1 of maternity"}));
    }

    void givingUpADryRunSaysNothing()
    {
        Context context = newContext();
        Envelope envelope = envelopeOf(bodyFor("u-1"));
        envelope.headers["x-dry-run"] = "true";

        _handler.gaveUp(envelope, context, "unreachable");

        CPPUNIT_ASSERT(_service.failures.empty());
    }

private:
    static std::string bodyFor(const std::string& userId)
    {
        return R"({"userId":")" + userId + R"(","type":"info","title":"","body":"","serviceName":"wellness"})";
    }
    static Envelope envelopeOf(std::string body)
    {
        Envelope envelope;
        envelope.id = "m-1";
        envelope.type = "notification.send";
        envelope.body = std::move(body);
        return envelope;
    }
    Context newContext() const { return Context(_clock, _logger, _clock.steady() + std::chrono::seconds(30), false, 4); }

    std::vector<BatchItem>* batchOf(std::vector<std::string> bodies)
    {
        for (std::string& body : bodies)
        {
            _envelopes.push_back(envelopeOf(std::move(body)));
            _contexts.push_back(newContext());
            _items.emplace_back(_envelopes.back(), _contexts.back());
        }
        return &_items;
    }

    ManualClock _clock;
    Logger _logger;
    // Deques: items point to their elements.
    std::deque<Envelope> _envelopes;
    std::deque<Context> _contexts;
    std::vector<BatchItem> _items;
    FakeNotificationService _service;
    send::SendHandler _handler{_service};
};

CPPUNIT_TEST_SUITE_REGISTRATION(SendHandlerTest);

} // namespace carillon::tests
