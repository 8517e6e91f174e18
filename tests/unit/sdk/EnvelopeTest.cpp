#include "carillon/Envelope.h"
#include "carillon/notification/Notification.h"

#include <cppunit/extensions/HelperMacros.h>

#include <mutex>
#include <regex>
#include <set>
#include <thread>
#include <vector>

using namespace carillon;

class EnvelopeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(EnvelopeTest);
    CPPUNIT_TEST(aMessageIdIsAUuidOfVersion7);
    CPPUNIT_TEST(idsAreOrderedByTheirMillisecond);
    CPPUNIT_TEST(idsOfManyThreadsAreUnique);
    CPPUNIT_TEST(aNotificationsIdIsMadeFromItsMessagesId);
    CPPUNIT_TEST(aNotificationsIdBeginsWithItsTime);
    CPPUNIT_TEST_SUITE_END();

    void aMessageIdIsAUuidOfVersion7()
    {
        const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        for (int i = 0; i < 300; ++i)
            CPPUNIT_ASSERT(std::regex_match(newMessageId(systemClock().now()), form));
    }

    void idsAreOrderedByTheirMillisecond()
    {
        const TimePoint now = fromRfc3339("2026-11-23T08:00:00Z");
        CPPUNIT_ASSERT(newMessageId(now) < newMessageId(now + std::chrono::milliseconds(1)));
        CPPUNIT_ASSERT_EQUAL(std::string("019aafae-0a00"), newMessageId(TimePoint(std::chrono::milliseconds(0x019aafae0a00))).substr(0, 13));
    }

    void idsOfManyThreadsAreUnique()
    {
        std::set<std::string> ids;
        std::mutex mutex;
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 2000; ++i)
                {
                    const std::string id = newMessageId(TimePoint(std::chrono::milliseconds(1)));
                    const std::lock_guard lock(mutex);
                    ids.insert(id);
                }
            });
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(std::size_t{8000}, ids.size());
    }

    void aNotificationsIdIsMadeFromItsMessagesId()
    {
        const std::string id = newMessageId(systemClock().now());
        CPPUNIT_ASSERT_EQUAL(notification::notificationIdFor(id), notification::notificationIdFor(id));
        CPPUNIT_ASSERT(notification::notificationIdFor(id) != notification::notificationIdFor(newMessageId(systemClock().now())));
        CPPUNIT_ASSERT(std::regex_match(notification::notificationIdFor("order-4711"), std::regex("[0-9a-f]{24}")));
    }

    void aNotificationsIdBeginsWithItsTime()
    {
        // As an ObjectId does: the first eight digits are seconds.
        const TimePoint time = TimePoint(std::chrono::seconds(0x69230000));
        CPPUNIT_ASSERT_EQUAL(std::string("69230000"), notification::notificationIdFor(newMessageId(time)).substr(0, 8));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EnvelopeTest);
