#include "log/QueueChannel.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Message.h>

#include <condition_variable>
#include <cppunit/extensions/HelperMacros.h>
#include <mutex>
#include <thread>

namespace carillon::log::tests
{

using namespace std::chrono_literals;
using Poco::Message;

/// An output that can be held up, and that can fail.
class GatedChannel : public Poco::Channel
{
public:
    void log(const Message& message) override
    {
        std::unique_lock lock(_mutex);
        ++_entered;
        _changed.notify_all();
        _changed.wait(lock, [&] { return _isOpen; });
        if (_isBroken) throw Poco::WriteFileException("broken");
        _texts.push_back(message.getText());
    }
    void setOpen(bool isOpen)
    {
        const std::lock_guard lock(_mutex);
        _isOpen = isOpen;
        _changed.notify_all();
    }
    void setBroken(bool isBroken)
    {
        const std::lock_guard lock(_mutex);
        _isBroken = isBroken;
    }
    void waitUntilEntered()
    {
        std::unique_lock lock(_mutex);
        CPPUNIT_ASSERT(_changed.wait_for(lock, 10s, [&] { return _entered > 0; }));
    }
    std::vector<std::string> texts()
    {
        const std::lock_guard lock(_mutex);
        return _texts;
    }

private:
    std::mutex _mutex;
    std::condition_variable _changed;
    bool _isOpen = true;
    bool _isBroken = false;
    int _entered = 0;
    std::vector<std::string> _texts;
};

class QueueChannelTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(QueueChannelTest);
    CPPUNIT_TEST(linesArriveInOrderAndFlushWaitsForThem);
    CPPUNIT_TEST(aFullQueueDropsLinesBelowWarningAndSaysHowMany);
    CPPUNIT_TEST(warningsWaitForRoom);
    CPPUNIT_TEST(blockingLetsEveryLineWait);
    CPPUNIT_TEST(aFailingOutputIsCountedAndToldWhenItWorksAgain);
    CPPUNIT_TEST(stoppingGivesUpOnAnOutputThatHangs);
    CPPUNIT_TEST(stoppingWritesWhatIsQueued);
    CPPUNIT_TEST(manyThreadsLoseNothingWhileThereIsRoom);
    CPPUNIT_TEST_SUITE_END();

public:
    void linesArriveInOrderAndFlushWaitsForThem()
    {
        Poco::AutoPtr<QueueChannel> channel = make({});
        for (int count = 0; count < 100; ++count) log(channel, std::to_string(count));

        CPPUNIT_ASSERT(channel->flush(10s));

        CPPUNIT_ASSERT_EQUAL(std::size_t{100}, _output->texts().size());
        for (int count = 0; count < 100; ++count)
            CPPUNIT_ASSERT_EQUAL(std::to_string(count), _output->texts()[static_cast<std::size_t>(count)]);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, channel->lost());
    }

    void aFullQueueDropsLinesBelowWarningAndSaysHowMany()
    {
        Poco::AutoPtr<QueueChannel> channel = make({2, config::LogOverflow::Drop, 10s});
        holdUp(channel);
        log(channel, "a");
        log(channel, "b");

        log(channel, "dropped");
        log(channel, "dropped", Message::PRIO_NOTICE);

        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, channel->lost());
        CPPUNIT_ASSERT(!channel->flush(1ms));
        _output->setOpen(true);
        CPPUNIT_ASSERT(channel->flush(10s));
        const auto texts = _output->texts();
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, texts.size());
        CPPUNIT_ASSERT(texts[1].starts_with("2 lines were lost here"));
        CPPUNIT_ASSERT_EQUAL(std::string("b"), texts[3]);
    }

    void warningsWaitForRoom()
    {
        Poco::AutoPtr<QueueChannel> channel = make({1, config::LogOverflow::Drop, 10s});
        holdUp(channel);
        log(channel, "a");
        std::thread logger([&] { log(channel, "warned", Message::PRIO_WARNING); });

        _output->setOpen(true);
        logger.join();

        CPPUNIT_ASSERT(channel->flush(10s));
        CPPUNIT_ASSERT_EQUAL(std::string("warned"), _output->texts().back());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, channel->lost());
    }

    void blockingLetsEveryLineWait()
    {
        Poco::AutoPtr<QueueChannel> channel = make({1, config::LogOverflow::Block, 10s});
        holdUp(channel);
        log(channel, "a");
        std::thread logger([&] { log(channel, "waited", Message::PRIO_TRACE); });

        _output->setOpen(true);
        logger.join();

        CPPUNIT_ASSERT(channel->flush(10s));
        CPPUNIT_ASSERT_EQUAL(std::string("waited"), _output->texts().back());
    }

    void aFailingOutputIsCountedAndToldWhenItWorksAgain()
    {
        Poco::AutoPtr<QueueChannel> channel = make({});
        _output->setBroken(true);
        log(channel, "lost");
        CPPUNIT_ASSERT(channel->flush(10s));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, channel->lost());

        _output->setBroken(false);
        log(channel, "again");

        CPPUNIT_ASSERT(channel->flush(10s));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, _output->texts().size());
        CPPUNIT_ASSERT(_output->texts()[0].starts_with("1 line was lost here"));
        CPPUNIT_ASSERT_EQUAL(std::string("again"), _output->texts()[1]);
    }

    /// Promise 5.
    void stoppingGivesUpOnAnOutputThatHangs()
    {
        Poco::AutoPtr<QueueChannel> channel = make({});
        holdUp(channel);
        log(channel, "a");

        channel->stop(10ms);

        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, channel->lost());
        log(channel, "late");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, channel->lost());
        _output->setOpen(true);
    }

    void stoppingWritesWhatIsQueued()
    {
        Poco::AutoPtr<QueueChannel> channel = make({});
        for (int count = 0; count < 1000; ++count) log(channel, "x");

        channel->stop(10s);
        channel->stop(10s);

        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, _output->texts().size());
    }

    void manyThreadsLoseNothingWhileThereIsRoom()
    {
        Poco::AutoPtr<QueueChannel> channel = make({8192, config::LogOverflow::Block, 10s});
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 4; ++thread)
        {
            threads.emplace_back(
                [&]
                {
                    for (int count = 0; count < 5000; ++count) log(channel, "x");
                });
        }
        for (auto& thread : threads) thread.join();

        CPPUNIT_ASSERT(channel->flush(30s));
        CPPUNIT_ASSERT_EQUAL(std::size_t{20'000}, _output->texts().size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, channel->lost());
    }

private:
    Poco::AutoPtr<QueueChannel> make(const QueueChannel::Limits& limits) { return new QueueChannel(_output, limits); }

    static void log(const Poco::AutoPtr<QueueChannel>& channel, const std::string& text,
                    Message::Priority priority = Message::PRIO_INFORMATION)
    {
        const_cast<QueueChannel&>(*channel).log(Message("test", text, priority));
    }

    /// The thread sits in the output with one line; the queue is empty.
    void holdUp(const Poco::AutoPtr<QueueChannel>& channel)
    {
        _output->setOpen(false);
        log(channel, "held up");
        _output->waitUntilEntered();
    }

    Poco::AutoPtr<GatedChannel> _output{new GatedChannel};
};

CPPUNIT_TEST_SUITE_REGISTRATION(QueueChannelTest);

} // namespace carillon::log::tests
