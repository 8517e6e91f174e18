// carillon-fake-fcm: Firebase Cloud Messaging without Firebase. What it does and does not: docs/fake-fcm.md.
#include "FakeFcm.h"
#include "Options.h"
#include "admin/AdminApi.h"
#include "net/EventLoop.h"
#include "net/Listener.h"
#include "net/Tls.h"
#include "state/StateDirectory.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

namespace
{

using namespace carillon::fakefcm;

constexpr int exitFailed = 1;
constexpr int exitUsage = 2;

/// Stops the loop at SIGTERM and SIGINT.
class StopSignals final : public EventHandler
{
public:
    explicit StopSignals(EventLoop& loop) : _loop(loop)
    {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        sigprocmask(SIG_BLOCK, &signals, nullptr);
        _fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
        if (_fd < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
        _loop.watch(_fd, EPOLLIN, *this);
    }

    ~StopSignals() override
    {
        _loop.forget(_fd);
        close(_fd);
    }

    void onReady(std::uint32_t) override { _loop.stop(); }

private:
    EventLoop& _loop;
    int _fd = -1;
};

void useAllDescriptors()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

std::string urlOf(const std::string& scheme, const std::string& host, std::uint16_t port)
{
    if (host.find(':') != std::string::npos) return fmt::format("{}://[{}]:{}", scheme, host, port);
    // The certificate is for loopback only, and a wildcard is no address to connect to.
    return fmt::format("{}://{}:{}", scheme, host == "0.0.0.0" ? "127.0.0.1" : host, port);
}

/// The TLS port's address is part of the service account that the site checks assertions against, and the port is known only once it is
/// listened on. So the listener gets this first, and the site is put behind it before the loop runs.
class LateSite final : public Site
{
public:
    Answer answer(const Request& request) override { return _site->answer(request); }
    void become(Site& site) { _site = &site; }

private:
    Site* _site = nullptr;
};

void serve(const Options& options, pid_t parent)
{
    EventLoop loop;
    const StopSignals stop(loop);
    if (options.dieWithParent)
    {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        // It may have died before we asked to be told.
        if (getppid() != parent) return;
    }
    const StateDirectory state(options.state);
    const TlsContext tls = serverTls(state.certificateFile(), state.keyFile());

    LateSite site;
    Listener listener(loop, options.host, options.port, tls.get(), site, options.session);
    const std::string endpoint = urlOf("https", options.host, listener.port());
    const ServiceAccount account = state.writeServiceAccount(options.project, endpoint);
    FakeFcm fake(options, account);
    site.become(fake);

    AdminApi admin(fake);
    admin.observe(listener);
    SessionLimits adminLimits = options.session;
    adminLimits.maxBodyBytes = 64 * 1024 * 1024; // a hundred thousand addresses at once
    const Listener adminListener(loop, "127.0.0.1", options.adminPort, nullptr, admin, adminLimits);
    const std::string adminEndpoint = urlOf("http", "127.0.0.1", adminListener.port());

    state.writeReady(endpoint, adminEndpoint, options.project);
    std::cout << fmt::format("carillon-fake-fcm: {} admin {} project {} ca {}", endpoint, adminEndpoint, options.project,
                             state.authorityFile().string())
              << std::endl;
    loop.run();
}

} // namespace

int main(int argc, char** argv)
try
{
    const pid_t parent = getppid();
    const Options options = optionsFrom(std::vector<std::string>(argv + 1, argv + argc));
    if (options.help || options.version)
    {
        std::cout << (options.help ? helpText() : std::string("carillon-fake-fcm " CARILLON_VERSION "\n"));
        return 0;
    }
    std::signal(SIGPIPE, SIG_IGN);
    useAllDescriptors();
    serve(options, parent);
    return 0;
}
catch (const carillon::fakefcm::UsageError& error)
{
    std::cerr << "carillon-fake-fcm: " << error.what() << '\n';
    return exitUsage;
}
catch (const std::exception& error)
{
    std::cerr << "carillon-fake-fcm: " << error.what() << '\n';
    return exitFailed;
}
