// What systemd hears, on a socket of the test's own.
#include "ToyProcess.h"

#include "process/FileDescriptor.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <cstddef>
#include <cstring>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace carillon::tests;
using carillon::process::FileDescriptor;

namespace
{

/// Stands for systemd.
class NotifySocket
{
public:
    /// `name` with a leading `@` is in the abstract namespace.
    explicit NotifySocket(const std::string& name) : _socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        if (name.front() == '@') address.sun_path[0] = '\0';
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        CPPUNIT_ASSERT_EQUAL(0, ::bind(_socket.get(), reinterpret_cast<const sockaddr*>(&address), length));
    }

    /// The first message that holds `part`, from here on.
    std::string await(const std::string& part)
    {
        std::string found;
        const auto look = [&]
        {
            char text[4096];
            for (ssize_t length = 0; (length = ::recv(_socket.get(), text, sizeof(text), 0)) > 0;)
            {
                const std::string message(text, static_cast<std::size_t>(length));
                _heard += message + "\n--\n";
                if (message.find(part) == std::string::npos) continue;
                found = message;
                return true;
            }
            return false;
        };
        if (!eventually(look)) CPPUNIT_FAIL(fmt::format("'{}' was not heard in:\n{}", part, _heard));
        return found;
    }

private:
    FileDescriptor _socket;
    std::string _heard;
};

} // namespace

class ServiceManagerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ServiceManagerTest);
    CPPUNIT_TEST(hearsOfStartReloadAndStop);
    CPPUNIT_TEST(hearsTheWatchdogFromTheMasterOnly);
    CPPUNIT_TEST(readyIsNotSaidBeforeTheChildrenAreReady);
    CPPUNIT_TEST(hearsASingleProcessToo);
    CPPUNIT_TEST_SUITE_END();

public:
    void hearsOfStartReloadAndStop()
    {
        const ToyFolder folder;
        const auto name = folder.file("notify").string();
        NotifySocket systemd(name);
        ToyMaster master(folder, {}, {"NOTIFY_SOCKET=" + name});

        systemd.await("EXTEND_TIMEOUT_USEC=30000000");
        CPPUNIT_ASSERT(systemd.await("READY=1").find("STATUS=1 processes, generation 1") != std::string::npos);

        folder.write("next", "dir=" + folder.path() + "\nplan=broken\n");
        master.signal(SIGHUP);
        CPPUNIT_ASSERT(numberIn(systemd.await("RELOADING=1"), "MONOTONIC_USEC") > 0);
        CPPUNIT_ASSERT(systemd.await("READY=1").find("last reload refused: etc/carillon.yaml:3:1") != std::string::npos);

        master.signal(SIGTERM);
        CPPUNIT_ASSERT(systemd.await("STOPPING=1").find("STATUS=draining") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, master.waitForEnd());
    }

    void hearsTheWatchdogFromTheMasterOnly()
    {
        const ToyFolder folder;
        const auto name = fmt::format("@carillon-test-{}", ::getpid());
        NotifySocket systemd(name);
        ToyMaster master(folder, {"stale_ms=60000"}, {"NOTIFY_SOCKET=" + name, "WATCHDOG_USEC=100000"});
        folder.await("master-ready");

        // A worker that stands still is no reason for systemd to kill all.
        ::kill(static_cast<pid_t>(numberIn(folder.await("start toys/1/0"), "pid")), SIGSTOP);
        for (int sign = 0; sign < 3; ++sign) systemd.await("WATCHDOG=1");
    }

    void readyIsNotSaidBeforeTheChildrenAreReady()
    {
        const ToyFolder folder;
        const auto name = folder.file("notify").string();
        NotifySocket systemd(name);
        ToyMaster master(folder, {"behaviour=silent", "start_ms=200"}, {"NOTIFY_SOCKET=" + name});

        CPPUNIT_ASSERT_EQUAL(1, master.waitForEnd());
        // The first message of the stop comes without a READY before it.
        CPPUNIT_ASSERT_EQUAL(std::string::npos, systemd.await("STATUS=not ready after 200 ms").find("READY=1"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), folder.count("master-ready"));
    }

    void hearsASingleProcessToo()
    {
        const ToyFolder folder;
        const auto name = folder.file("notify").string();
        NotifySocket systemd(name);
        ToyMaster master(folder, {"single=1"}, {"NOTIFY_SOCKET=" + name, "WATCHDOG_USEC=100000"});

        systemd.await("READY=1");
        systemd.await("WATCHDOG=1");
        master.signal(SIGINT);
        systemd.await("STOPPING=1");
        CPPUNIT_ASSERT_EQUAL(0, master.waitForEnd());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ServiceManagerTest);
