#pragma once

#include "carillon/Logger.h"
#include "config/Configuration.h"

#include <chrono>
#include <cstdint>
#include <string>

/// The process's log: structured lines, written by a thread of their own through Poco's Logger, so Poco's own lines come out the same way.
///
///     log::start({configuration.log, "worker-default-1"});
///     const Logger logger = log::get("send");
///     logger.warning("retry in 30s", {{"id", id}, {"attempt", "2/4"}, {"reason", "gateway throttled"}});
///     // 2026-11-23T18:34:51.123Z WARN send: retry in 30s id=7f3a attempt=2/4 reason="gateway throttled"
///
/// Every line is redacted (Redaction.h) and cannot be forged by its content (Line.h). Before start() and after stop(), lines from `warning`
/// up go to stderr at once. A child that was started by fork and exec begins anew; between fork and exec nothing here may be called.
namespace carillon::log
{

struct Options
{
    config::Log log;

    /// In JSON lines, and in the file's name: with output=file, `carillon.log` becomes `carillon.worker-1.log`, because two processes that
    /// rotate one file would lose lines. Unique among the processes that run at once. Empty: neither.
    std::string process;

    /// Lines are written by the thread that logs, for a process that must have no other (the master). Its supervision must not wait for a
    /// reader either: a line that a full pipe or terminal does not take at once is lost and counted.
    bool isDirect = false;

    /// Where output=stderr goes; another one for tests. Not owned.
    int descriptor = 2;

    /// How long stop() and a fatal line wait for what is queued: a terminal or pipe that nobody reads must not hold up a stop (promise 5).
    std::chrono::milliseconds flushDeadline{2000};
};

/// Starts the writer thread, with all signals blocked, and sends Poco's root logger through it. Restarting replaces the options.
/// Throws ConfigurationError when the log file cannot be opened. Call from one thread, after the process has its final identity.
void start(const Options& options);

/// Writes what is queued, for at most `flushDeadline`, and ends the thread. Harmless when not started. Call from one thread.
void stop() noexcept;

/// Waits until everything logged before was written, at most `deadline`. False when it was not. Thread-safe.
bool flush(std::chrono::milliseconds deadline) noexcept;

/// Changes the level at once, for all sources, also before start(). Thread-safe.
void setLevel(LogLevel level) noexcept;

/// The sink that all loggers write to. Lives until the very end of the process, so loggers may be kept anywhere. Thread-safe.
LogSink& sink() noexcept;

/// A logger of that source. Thread-safe, cheap.
inline Logger get(std::string source) { return Logger(sink(), std::move(source)); }

/// Lines lost since the process started, because the queue was full or the output failed. Each loss is reported in the log, too.
/// Thread-safe.
std::uint64_t lostLines() noexcept;

} // namespace carillon::log
