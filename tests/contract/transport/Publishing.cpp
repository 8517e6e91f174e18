// The contract, what is published and how it comes out.
#include "contract/transport/TransportContract.h"

using namespace std::chrono_literals;

namespace carillon::tests
{

using port::Settlement;

void TransportContract::aConfirmedMessageIsTakenOnceAsItWasPublished()
{
    Envelope published = envelope("a");
    published.version = 3;
    published.headers = {{"x-service", "wellness"}, {"", "empty name"}, {"empty", ""}, {"colon:1", "12:34"}};
    published.priority = 5;
    published.expiresAt = _clock.now() + 1h;
    published.traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    published.dedupeKey = "once";
    published.concurrencyKey = "one at a time";
    published.service = "wellness";

    const auto result = publish(published);
    const auto taking = consumer();
    const auto delivery = takeOne(*taking);

    CPPUNIT_ASSERT(result.status == Status::Confirmed);
    CPPUNIT_ASSERT_EQUAL(std::string("a"), result.id);
    CPPUNIT_ASSERT(delivery.envelope == published);
    CPPUNIT_ASSERT(!delivery.redelivered && !delivery.decodeError);
    CPPUNIT_ASSERT_EQUAL(1, delivery.deliveries);
    CPPUNIT_ASSERT_EQUAL(std::string(queueName), delivery.queue);
    CPPUNIT_ASSERT(take(*taking).empty());
}

void TransportContract::anEmptyQueueGivesNothing() { CPPUNIT_ASSERT(take(*consumer()).empty()); }

void TransportContract::bytesOfTheBodyAreNotTouched()
{
    Envelope published = envelope("a");
    published.body.clear();
    for (int byte = 0; byte < 256; ++byte) published.body += static_cast<char>(byte);
    publish(published);
    Envelope empty = envelope("b");
    empty.body.clear();
    publish(empty);

    const auto taking = consumer();
    const auto deliveries = take(*taking);

    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, deliveries.size());
    CPPUNIT_ASSERT(published.body == deliveries[0].envelope.body);
    CPPUNIT_ASSERT(deliveries[1].envelope.body.empty());
}

void TransportContract::aBatchIsTakenUpToItsLimitInOrderOfAge()
{
    // Not the order of their ids; the last two in the same millisecond.
    for (const char* id : {"m", "z", "a", "k"})
    {
        publish(envelope(id));
        if (*id != 'a') _clock.advance(1ms);
    }
    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"m", "z", "a"}) == idsOf(take(*taking, 3)));
    CPPUNIT_ASSERT(Ids({"k"}) == idsOf(take(*taking, 3)));
}

void TransportContract::higherPriorityGoesFirst()
{
    if (!_transport->capabilities().hasPriorities) return;
    for (const auto& [id, priority] : std::vector<std::pair<const char*, int>>{{"low", -1}, {"usual", 0}, {"high", 9}, {"usual too", 0}})
    {
        Envelope message = envelope(id);
        message.priority = priority;
        publish(message);
        _clock.advance(1ms);
    }
    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"high", "usual", "usual too", "low"}) == idsOf(take(*taking)));
}

void TransportContract::aDelayedMessageWaitsForItsTime()
{
    if (!_transport->capabilities().keepsDelays) return;
    Envelope delayed = envelope("delayed");
    delayed.dueAt = _clock.now() + 10s;
    publish(delayed);
    Envelope past = envelope("past");
    past.dueAt = _clock.now() - 10s;
    publish(past);

    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"past"}) == idsOf(take(*taking)));
    _clock.advance(9999ms);
    CPPUNIT_ASSERT(take(*taking).empty());
    _clock.advance(1ms);
    const auto due = takeOne(*taking);
    CPPUNIT_ASSERT(delayed == due.envelope);
}

void TransportContract::aDueMessageIsOrderedByItsDueTime()
{
    if (!_transport->capabilities().keepsDelays) return;
    Envelope delayed = envelope("delayed");
    delayed.dueAt = _clock.now() + 10s;
    publish(delayed);
    _clock.advance(5s);
    publish(envelope("before it was due"));
    _clock.advance(10s);
    publish(envelope("after it was due"));

    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"before it was due", "delayed", "after it was due"}) == idsOf(take(*taking)));
}

void TransportContract::aSecondPublishOfAnIdIsADuplicate()
{
    if (!_transport->capabilities().canDeduplicate) return;
    publish(envelope("a"));
    const auto again = publish(envelope("a"));

    CPPUNIT_ASSERT(again.status == Status::Duplicate);
    CPPUNIT_ASSERT_EQUAL(std::string("a"), again.id);
    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"a"}) == idsOf(take(*taking)));
    CPPUNIT_ASSERT_MESSAGE("also while it is taken", publish(envelope("a")).status == Status::Duplicate);
}

void TransportContract::theSameIdOfAnotherTypeIsAnotherMessage()
{
    Envelope other = envelope("a");
    other.type = "notification.bulk";
    publish(envelope("a"));
    CPPUNIT_ASSERT(publish(other).status == Status::Confirmed);
    const auto taking = consumer();
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, take(*taking).size());
}

void TransportContract::aDedupeKeyAnswersWithTheFirstIdWhileThatLives()
{
    if (!_transport->capabilities().canDeduplicate) return;
    Envelope first = envelope("first");
    first.dedupeKey = "key";
    Envelope second = envelope("second");
    second.dedupeKey = "key";
    Envelope other = envelope("other");
    other.dedupeKey = "another key";

    const auto results = _transport->publish(std::vector<Envelope>{first, second, other});

    CPPUNIT_ASSERT(results[0].status == Status::Confirmed);
    CPPUNIT_ASSERT(results[1].status == Status::Duplicate);
    CPPUNIT_ASSERT_EQUAL(std::string("first"), results[1].id);
    CPPUNIT_ASSERT(results[2].status == Status::Confirmed);

    const auto taking = consumer();
    const auto deliveries = take(*taking);
    CPPUNIT_ASSERT(Ids({"first", "other"}) == idsOf(deliveries));
    if (!_transport->capabilities().keepsDelays) return;
    taking->settle(std::vector<Settlement>{later(deliveries[0], _clock.now() + 1s, 2, 2)});
    CPPUNIT_ASSERT_MESSAGE("to be retried is not the end", publish(second).status == Status::Duplicate);
}

void TransportContract::aDedupeKeyIsFreeAgainAfterTheEnd()
{
    if (!_transport->capabilities().canDeduplicate) return;
    Envelope first = envelope("first");
    first.dedupeKey = "key";
    Envelope second = envelope("second");
    second.dedupeKey = "key";
    publish(first);
    const auto taking = consumer();
    settle(*taking, takeOne(*taking));

    CPPUNIT_ASSERT(publish(second).status == Status::Confirmed);
    CPPUNIT_ASSERT_EQUAL(std::string("second"), takeOne(*taking).envelope.id);
}

void TransportContract::tooLargeABodyIsRefusedWithItsLimit()
{
    Envelope message = envelope("a");
    message.body.assign(bodyLimit, 'x');
    CPPUNIT_ASSERT(publish(message).status == Status::Confirmed);

    message.id = "b";
    message.body += 'x';
    const auto result = publish(message);
    CPPUNIT_ASSERT(result.status == Status::Refused);
    CPPUNIT_ASSERT(result.reason.find(std::to_string(bodyLimit)) != std::string::npos);
    CPPUNIT_ASSERT(result.reason.find(_transport->name()) != std::string::npos);
}

void TransportContract::aRefusalDropsOnlyItsOwnMessage()
{
    Envelope large = envelope("large");
    large.body.assign(bodyLimit + 1, 'x');
    Envelope nameless = envelope("");

    const auto results = _transport->publish(std::vector<Envelope>{envelope("a"), large, nameless, envelope("b")});

    CPPUNIT_ASSERT(results[0].status == Status::Confirmed);
    CPPUNIT_ASSERT(results[1].status == Status::Refused);
    CPPUNIT_ASSERT(results[2].status == Status::Refused && !results[2].reason.empty());
    CPPUNIT_ASSERT(results[3].status == Status::Confirmed);
    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"a", "b"}) == idsOf(take(*taking)));
}

} // namespace carillon::tests
