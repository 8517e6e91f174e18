#include "process/CrashLog.h"

#include "metrics/BootClock.h"
#include "process/Errno.h"
#include "process/FileDescriptor.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace carillon::process
{
namespace
{

std::string signalName(int signal)
{
    const char* name = ::sigabbrev_np(signal);
    return name == nullptr ? fmt::format("signal {}", signal) : fmt::format("SIG{}", name);
}

nlohmann::ordered_json slotJson(const metrics::SlotSnapshot& slot, std::chrono::nanoseconds now)
{
    nlohmann::ordered_json json{{"id", slot.id},
                                {"type", slot.type},
                                {"plugin", slot.plugin},
                                {"attempt", slot.attempt},
                                {"batch", slot.batch},
                                {"index", slot.index},
                                {"state", slot.state == metrics::SlotState::Running ? "running" : "taken"},
                                {"thread", slot.thread},
                                {"heldMs", std::chrono::duration_cast<std::chrono::milliseconds>(now - slot.started).count()}};
    if (slot.crashSignal == 0) return json;
    json["crash"] = {{"signal", slot.crashSignal},
                     {"signalName", signalName(static_cast<int>(slot.crashSignal))},
                     {"address", fmt::format("{:#x}", slot.crashAddress)},
                     {"programCounter", fmt::format("{:#x}", slot.crashCounter)}};
    return json;
}

} // namespace

std::string_view toString(DeathCause cause) noexcept
{
    switch (cause)
    {
    case DeathCause::Signal:
        return "signal";
    case DeathCause::Exit:
        return "exit";
    case DeathCause::Stale:
        return "stale";
    case DeathCause::StartTimeout:
        return "start-timeout";
    case DeathCause::DrainTimeout:
        return "drain-timeout";
    }
    return "unknown";
}

std::string CrashLog::toJson(const Death& death)
{
    nlohmann::ordered_json json{{"time", toRfc3339(death.at)},
                                {"pid", death.pid},
                                {"role", metrics::toString(death.identity.role)},
                                {"group", death.identity.group},
                                {"index", death.identity.index},
                                {"generation", death.identity.generation},
                                {"cause", toString(death.cause)},
                                {"uptimeMs", death.uptime.count()}};
    if (death.signal != 0)
    {
        json["signal"] = death.signal;
        json["signalName"] = signalName(death.signal);
        json["core"] = death.core;
    }
    else
    {
        json["exitStatus"] = death.exitStatus;
    }
    if (!death.note.empty()) json["note"] = death.note;

    const auto now = metrics::bootNow();
    auto& inFlight = json["inFlight"] = nlohmann::ordered_json::array();
    for (const auto& slot : death.inFlight) inFlight.push_back(slotJson(slot, now));
    // An id comes from a message that may not have been checked yet.
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void CrashLog::append(const Death& death) const
{
    std::error_code none;
    if (const auto size = std::filesystem::file_size(_file, none); !none && size > maxSize)
        std::filesystem::rename(_file, _file.string() + ".1", none);

    FileDescriptor file(::open(_file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) throwErrno(fmt::format("cannot open {}", _file.string()));

    const auto line = toJson(death) + "\n";
    std::size_t written = 0;
    while (written < line.size())
    {
        const auto length = ::write(file.get(), line.data() + written, line.size() - written);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) throwErrno(fmt::format("cannot write {}", _file.string()));
        written += static_cast<std::size_t>(length);
    }
    if (::fdatasync(file.get()) != 0) throwErrno(fmt::format("cannot synchronise {}", _file.string()));
}

} // namespace carillon::process
