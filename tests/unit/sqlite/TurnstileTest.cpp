#include "sqlite/Turnstile.h"
#include "carillon/Errors.h"
#include "sqlite/SharedPage.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace carillon::sqlite
{

class TurnstileTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TurnstileTest);
    CPPUNIT_TEST(onlyOneIsInsideAtATime);
    CPPUNIT_TEST(theFileIsSharedByAllWhoMapIt);
    CPPUNIT_TEST(theWaitEndsAtItsDeadline);
    CPPUNIT_TEST(theKilledHolderFreesItsPlace);
    CPPUNIT_TEST(locksOfAnotherBootMeanNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void onlyOneIsInsideAtATime()
    {
        // Atomic for the thread sanitizer only: it cannot know that two mappings are the same lock.
        std::atomic<int> inside{0};
        std::atomic<int> most{0};
        std::atomic<int> total{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back(
                [&]
                {
                    // A mapping of its own, as another process has.
                    SharedPage page(_file);
                    Turnstile turnstile(page);
                    for (int round = 0; round < 500; ++round)
                    {
                        const auto passage = turnstile.enter(soon());
                        most = std::max(most.load(), ++inside);
                        ++total;
                        --inside;
                    }
                });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(1, most.load());
        CPPUNIT_ASSERT_EQUAL(2000, total.load());
    }

    void theFileIsSharedByAllWhoMapIt()
    {
        const SharedPage one(_file);
        // Would wait for ever, were the page kept locked by the first.
        const SharedPage two(_file);
        one.content().changes[3] = 42;
        CPPUNIT_ASSERT_EQUAL(42U, two.content().changes[3].load());
    }

    void theWaitEndsAtItsDeadline()
    {
        SharedPage page(_file);
        Turnstile turnstile(page);
        const auto passage = turnstile.enter(soon());

        bool cameIn = true;
        std::thread([&] { cameIn = turnstile.enter(std::chrono::steady_clock::now() + 20ms) != nullptr; }).join();

        CPPUNIT_ASSERT(!cameIn);
    }

    void theKilledHolderFreesItsPlace()
    {
        SharedPage page(_file);
        Turnstile turnstile(page);
        int ready[2];
        CPPUNIT_ASSERT_EQUAL(0, pipe(ready));
        const pid_t child = fork();
        if (child == 0)
        {
            const auto passage = turnstile.enter(soon());
            if (write(ready[1], "x", 1) != 1) _exit(1);
            pause();
            _exit(0);
        }
        char byte = 0;
        CPPUNIT_ASSERT_EQUAL(ssize_t{1}, read(ready[0], &byte, 1));
        close(ready[0]);
        close(ready[1]);
        CPPUNIT_ASSERT(turnstile.enter(std::chrono::steady_clock::now()) == nullptr);

        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);

        CPPUNIT_ASSERT(turnstile.enter(soon()) != nullptr);
        CPPUNIT_ASSERT_MESSAGE("and it works as before", turnstile.enter(soon()) != nullptr);
    }

    void locksOfAnotherBootMeanNothing()
    {
        {
            SharedPage page(_file);
            // What a process of a boot that is over left behind; nobody will ever unlock it.
            std::memset(&page.content().room, 0xff, sizeof page.content().room);
            std::memcpy(page.content().bootId.data(), "00000000-0000-0000-0000-000000000000", 36);
        }
        bool cameIn = false;
        std::thread(
            [&]
            {
                SharedPage page(_file);
                Turnstile turnstile(page);
                cameIn = turnstile.enter(soon()) != nullptr;
            })
            .join();
        CPPUNIT_ASSERT(cameIn);
    }

private:
    static SteadyPoint soon() { return std::chrono::steady_clock::now() + 10s; }

    tests::TemporaryDirectory _folder;
    std::filesystem::path _file = _folder / "turnstile";
};

CPPUNIT_TEST_SUITE_REGISTRATION(TurnstileTest);

} // namespace carillon::sqlite
