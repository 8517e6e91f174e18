// A program with toy roles on the real supervision. `process_toy master DIR key=value…` runs a master whose children are told the same keys
// as their configuration; they write what happens to them to DIR/events, one line each, and the admin keeps DIR/metrics up to date.
#include "carillon/Errors.h"
#include "metrics/BootClock.h"
#include "metrics/Exposition.h"
#include "process/ChildRuntime.h"
#include "process/Errno.h"
#include "process/Master.h"
#include "process/SingleProcess.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <sstream>
#include <sys/prctl.h>
#include <unistd.h>

namespace
{

using namespace carillon;
using namespace carillon::process;
using std::chrono::milliseconds;

class Keys
{
public:
    explicit Keys(const std::string& text)
    {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            if (const auto equals = line.find('='); equals != std::string::npos) _values[line.substr(0, equals)] = line.substr(equals + 1);
    }

    std::string text(const std::string& key, const std::string& otherwise = {}) const
    {
        const auto found = _values.find(key);
        return found == _values.end() ? otherwise : found->second;
    }
    int number(const std::string& key, int otherwise) const { return std::stoi(text(key, std::to_string(otherwise))); }
    milliseconds time(const std::string& key, int otherwise) const { return milliseconds(number(key, otherwise)); }

private:
    std::map<std::string, std::string> _values;
};

/// One write a line, so that lines of several processes never mix.
void report(const Keys& keys, const std::string& event)
{
    const int file = ::open((keys.text("dir") + "/events").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const auto line = event + "\n";
    if (file < 0 || ::write(file, line.data(), line.size()) < 0) ::_exit(99);
    ::close(file);
}

class StderrSink final : public LogSink
{
public:
    bool isEnabled(LogLevel, std::string_view) const noexcept override { return true; }
    void write(LogLevel level, std::string_view source, std::string_view message, std::initializer_list<LogField> fields) noexcept override
    {
        auto line = fmt::format("{} {}: {}", static_cast<int>(level), source, message);
        for (const auto& field : fields) line += fmt::format(" {}={}", field.key, field.value);
        line += "\n";
        if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
    }
};

std::string openDescriptors()
{
    std::vector<std::string> open;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    {
        std::error_code gone;
        const auto target = std::filesystem::read_symlink(entry.path(), gone);
        // The listing's own descriptor is gone by now, or is /proc itself.
        if (gone || target.string().find("/proc/") == 0) continue;
        open.push_back(entry.path().filename().string());
    }
    std::sort(open.begin(), open.end(), [](const auto& left, const auto& right) { return std::stoi(left) < std::stoi(right); });
    return fmt::format("{}", fmt::join(open, ","));
}

std::string blockedSignals()
{
    sigset_t set;
    ::sigprocmask(SIG_SETMASK, nullptr, &set);
    std::string text;
    for (int signal = 1; signal < 32; ++signal)
        if (sigismember(&set, signal) == 1) text += fmt::format("{}{}", text.empty() ? "" : ",", signal);
    return text;
}

void misbehaveAtStart(ChildRuntime& runtime, const Keys& keys)
{
    const auto behaviour = keys.text("behaviour");
    const auto dir = keys.text("dir");
    if (std::filesystem::exists(dir + "/crash")) ::_exit(3);
    if (behaviour == "refuse") throw ConfigurationError("worker.threads must be at least 1; raise it");
    if (behaviour == "silent") runtime.waitForStop(std::chrono::hours(1)); // never ready
}

void fork(const Keys& keys)
{
    const pid_t pid = ::fork();
    if (pid == 0)
    {
        // Outlives the worker, and dies when the test says so.
        ::signal(SIGTERM, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::pause();
        ::_exit(0);
    }
    report(keys, fmt::format("grandchild pid={}", pid));
}

int worker(ChildRuntime& runtime)
{
    const Keys keys(runtime.configuration());
    const auto behaviour = keys.text("behaviour");
    const auto name = fmt::format("{}/{}/{}", runtime.identity().group, runtime.identity().generation, runtime.identity().index);
    report(keys, fmt::format("start {} pid={} boot={}", name, ::getpid(), metrics::bootNow().count()));
    misbehaveAtStart(runtime, keys);
    if (behaviour == "descriptors") report(keys, fmt::format("descriptors {} blocked={}", openDescriptors(), blockedSignals()));
    if (behaviour == "grandchild") fork(keys);

    auto handled = runtime.metrics().counter("toy_handled_total", "Messages handled.", {{"group", runtime.identity().group}});
    handled.add(static_cast<std::uint64_t>(keys.number("handled", 0)));
    runtime.metrics().histogram("toy_seconds", "Time.", metrics::Buckets::Seconds).observe(milliseconds(20));
    const auto slot = runtime.slots().begin({.id = "message-1", .type = "notification.send", .plugin = "send", .attempt = 2});

    const auto quiet = runtime.onQuiet([&](bool isQuiet) { report(keys, fmt::format("{} {}", isQuiet ? "quiet" : "resume", name)); });
    report(keys, fmt::format("nearly {}", name));
    runtime.ready();
    report(keys, fmt::format("ready {} pid={} nice={}", name, ::getpid(), ::nice(0)));
    if (behaviour == "once") return 0;
    while (!runtime.waitForStop(runtime.heartbeatInterval())) runtime.beat();
    report(keys, fmt::format("stop {} orphaned={}", name, runtime.isOrphaned()));
    if (behaviour == "stubborn") runtime.waitForHurry(std::chrono::hours(1));
    if (behaviour == "deaf") runtime.control().waitForHurry(std::chrono::hours(1)), ::pause();
    report(keys, fmt::format("end {} pid={} hurried={} boot={}", name, ::getpid(), runtime.isHurried(), metrics::bootNow().count()));
    return 0;
}

int admin(ChildRuntime& runtime)
{
    const Keys keys(runtime.configuration());
    const auto target = keys.text("dir") + "/metrics";
    report(keys, fmt::format("start admin/{} pid={} boards={} configuration={}", runtime.identity().generation, ::getpid(),
                             runtime.boards().boards().size(), runtime.configuration().size()));
    runtime.ready();
    report(keys, fmt::format("ready admin/{} pid={}", runtime.identity().generation, ::getpid()));
    while (!runtime.waitForStop(milliseconds(10)))
    {
        runtime.beat();
        std::ofstream(target + ".new") << metrics::expose(runtime.boards().read());
        std::filesystem::rename(target + ".new", target);
    }
    report(keys, fmt::format("end admin/{} pid={} orphaned={}", runtime.identity().generation, ::getpid(), runtime.isOrphaned()));
    return 0;
}

Plan planOf(const std::string& configuration)
{
    const Keys keys(configuration);
    if (keys.text("plan") == "broken") throw ConfigurationError("etc/carillon.yaml:3:1: unknown key 'workerz'; did you mean 'workers'?");
    Plan plan;
    plan.configuration = configuration;
    const RestartPolicy restart{keys.time("initial_ms", 20), keys.time("max_ms", 80),       keys.time("stable_ms", 60000),
                                keys.number("deaths", 100),  keys.time("window_ms", 60000), keys.time("open_ms", 60000)};
    for (int index = 0; index < keys.number("workers", 1); ++index)
    {
        ChildSpec spec;
        spec.group = "toys";
        spec.index = static_cast<std::uint32_t>(index);
        spec.nice = keys.number("nice", 0);
        spec.restart = restart;
        spec.once = keys.text("behaviour") == "once";
        plan.children.push_back(spec);
    }
    if (keys.number("admin", 0) != 0)
        plan.children.push_back({.role = Role::Admin, .group = "admin", .restart = restart, .exclusive = true});
    return plan;
}

std::string readWhole(const std::string& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

int master(const std::string& configuration, const Roles& roles)
{
    const Keys keys(configuration);
    Master::blockSignals();
    if (keys.number("subreaper", 0) != 0) ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    // What a library left open without O_CLOEXEC must not reach the children.
    if (keys.number("leak", 0) != 0 && ::dup2(STDERR_FILENO, 57) != 57) return 98;

    StderrSink sink;
    MasterOptions options;
    options.plan = planOf(configuration);
    options.stateDirectory = keys.text("dir") + "/state";
    options.programName = "toy";
    options.onReady = [&] { report(keys, "master-ready"); };
    options.heartbeatInterval = keys.time("beat_ms", 20);
    options.heartbeatStale = keys.time("stale_ms", 60000);
    options.startTimeout = keys.time("start_ms", 20000);
    options.drainTimeout = keys.time("drain_ms", 20000);
    options.hurryTimeout = keys.time("hurry_ms", 5000);
    const auto next = keys.text("dir") + "/next";
    options.reload = [next] { return planOf(readWhole(next)); };

    report(keys, fmt::format("master pid={}", ::getpid()));
    try
    {
        int status = 0;
        std::string failure;
        if (keys.number("single", 0) != 0)
        {
            SingleProcess single(options, roles, Logger(sink, "single"));
            status = single.run();
            failure = single.failure();
        }
        else
        {
            Master supervisor(options, Logger(sink, "master"));
            status = supervisor.run();
            failure = supervisor.failure();
        }
        report(keys, fmt::format("master-end status={} failure={}", status, failure));
        return status;
    }
    catch (const std::exception& error)
    {
        report(keys, fmt::format("master-refused {}", error.what()));
        return exitConfiguration;
    }
}

} // namespace

int main(int argc, char** argv)
{
    const Roles roles{{Role::Worker, worker}, {Role::Admin, admin}};
    if (isChild(argc, argv)) return runChild(argc, argv, roles);
    if (argc < 3) return 2;
    std::string configuration = fmt::format("dir={}\n", argv[2]);
    for (int index = 3; index < argc; ++index) configuration += fmt::format("{}\n", argv[index]);
    return master(configuration, roles);
}
