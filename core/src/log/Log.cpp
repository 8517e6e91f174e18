#include "log/Log.h"

#include "carillon/Errors.h"
#include "log/DescriptorChannel.h"
#include "log/DirectChannel.h"
#include "log/LineFormatter.h"
#include "log/QueueChannel.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/FileChannel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <mutex>
#include <shared_mutex>
#include <unistd.h>

namespace carillon::log
{

namespace
{

bool wantsColours(int descriptor)
{
    const char* no = std::getenv("NO_COLOR");
    if (no != nullptr && *no != '\0') return false;
    const char* terminal = std::getenv("TERM");
    if (terminal == nullptr || std::string_view(terminal) == "dumb") return false;
    return ::isatty(descriptor) == 1;
}

std::filesystem::path fileOf(const Options& options)
{
    auto file = options.log.file;
    if (!options.process.empty()) file.replace_filename(file.stem().string() + "." + options.process + file.extension().string());
    return file;
}

Poco::Channel::Ptr openDescriptor(const Options& options)
{
    if (options.isDirect) return new DescriptorChannel(options.descriptor, std::chrono::milliseconds{0});
    return new DescriptorChannel(options.descriptor);
}

Poco::Channel::Ptr openFile(const Options& options)
{
    const auto file = fileOf(options);
    Poco::AutoPtr<Poco::FileChannel> channel(new Poco::FileChannel(file.string()));
    // Poco reads its sizes in bytes when they have no unit.
    if (options.log.rotateSize > 0) channel->setProperty(Poco::FileChannel::PROP_ROTATION, std::to_string(options.log.rotateSize));
    channel->setProperty(Poco::FileChannel::PROP_ARCHIVE, "number");
    channel->setProperty(Poco::FileChannel::PROP_PURGECOUNT, std::to_string(options.log.rotateKeep));
    try
    {
        std::filesystem::create_directories(file.parent_path());
        channel->open();
    }
    catch (const std::filesystem::filesystem_error& error)
    {
        throw ConfigurationError(
            fmt::format("the folder of the log file '{}' cannot be made: {}; see log.file", file.string(), error.code().message()));
    }
    catch (const Poco::Exception&)
    {
        throw ConfigurationError(
            fmt::format("the log file '{}' cannot be written; check log.file and the folder's permissions", file.string()));
    }
    return channel;
}

/// Writes through Poco's root logger while started, else straight to stderr.
class PocoSink final : public LogSink
{
public:
    bool isEnabled(LogLevel level, std::string_view) const noexcept override
    {
        return static_cast<int>(level) <= _level.load(std::memory_order_relaxed);
    }

    void write(LogLevel level, std::string_view source, std::string_view message, std::initializer_list<LogField> fields) noexcept override
    try
    {
        Poco::Message line{std::string(source), std::string(message), static_cast<Poco::Message::Priority>(level)};
        if (fields.size() > 0) line.set(LineFormatter::fieldsParameter, pack(fields));
        const std::shared_lock lock(_mutex);
        if (_root == nullptr)
        {
            LineFormatter formatter{Appearance{}};
            std::string text;
            formatter.format(line, text);
            Poco::AutoPtr<DescriptorChannel>(new DescriptorChannel(STDERR_FILENO))->log(Poco::Message("", text, line.getPriority()));
            return;
        }
        _root->log(line);
        // The process is about to end, and this line says why.
        if (level == LogLevel::Fatal && _queue) _queue->flush(_flushDeadline);
    }
    catch (...)
    {
        // Out of memory, or no stderr: a log line is not worth the message that is being handled.
        _lost.fetch_add(1, std::memory_order_relaxed);
    }

    void start(const Options& options)
    {
        const auto& log = options.log;
        const Poco::Channel::Ptr output = log.output == config::LogOutput::File ? openFile(options) : openDescriptor(options);
        Appearance appearance;
        appearance.format = log.format;
        appearance.hasColours = log.output == config::LogOutput::Stderr && wantsColours(options.descriptor);
        appearance.process = options.process;
        appearance.processId = ::getpid();
        const Poco::Channel::Ptr formatting(new Poco::FormattingChannel(new LineFormatter(appearance), output));
        stop();

        const std::unique_lock lock(_mutex);
        _flushDeadline = options.flushDeadline;
        _root = &Poco::Logger::root();
        // What is queued must not be lost by a plain exit(). Registered after Poco's own statics exist, it runs before they end.
        static const int registered = std::atexit([] { log::stop(); });
        static_cast<void>(registered);
        if (options.isDirect)
        {
            _direct = new DirectChannel(formatting);
            Poco::Logger::setChannel("", _direct);
        }
        else
        {
            _queue = new QueueChannel(formatting, {static_cast<std::size_t>(log.queueSize), log.overflow, log.overflowWait});
            Poco::Logger::setChannel("", _queue);
        }
        applyLevel(log.level);
    }

    void stop() noexcept
    {
        Poco::AutoPtr<QueueChannel> queue;
        Poco::AutoPtr<DirectChannel> direct;
        {
            const std::unique_lock lock(_mutex);
            if (_root == nullptr) return;
            queue.swap(_queue);
            direct.swap(_direct);
            Poco::Logger::setChannel("", nullptr);
            _root = nullptr;
            _level = static_cast<int>(LogLevel::Warning);
        }
        if (queue) queue->stop(_flushDeadline);
        _lost.fetch_add(queue ? queue->lost() : direct->lost(), std::memory_order_relaxed);
    }

    bool flush(std::chrono::milliseconds deadline)
    {
        Poco::AutoPtr<QueueChannel> queue;
        {
            const std::shared_lock lock(_mutex);
            queue = _queue;
        }
        return !queue || queue->flush(deadline);
    }

    void setLevel(LogLevel level)
    {
        const std::unique_lock lock(_mutex);
        applyLevel(level);
    }

    std::uint64_t lost() const
    {
        const std::shared_lock lock(_mutex);
        return _lost.load(std::memory_order_relaxed) + (_queue ? _queue->lost() : 0) + (_direct ? _direct->lost() : 0);
    }

private:
    void applyLevel(LogLevel level)
    {
        _level = static_cast<int>(level);
        if (_root != nullptr) Poco::Logger::setLevel("", static_cast<int>(level));
    }

    mutable std::shared_mutex _mutex;
    Poco::Logger* _root = nullptr;        ///< null: not started
    Poco::AutoPtr<QueueChannel> _queue;   ///< started: either this …
    Poco::AutoPtr<DirectChannel> _direct; ///< … or this
    std::chrono::milliseconds _flushDeadline{2000};
    std::atomic<int> _level{static_cast<int>(LogLevel::Warning)};
    std::atomic<std::uint64_t> _lost{0};
};

PocoSink& pocoSink() noexcept
{
    // Never destroyed: threads and static objects log until the very end.
    static PocoSink& only = *new PocoSink;
    return only;
}

} // namespace

void start(const Options& options) { pocoSink().start(options); }

void stop() noexcept { pocoSink().stop(); }

bool flush(std::chrono::milliseconds deadline) noexcept { return pocoSink().flush(deadline); }

void setLevel(LogLevel level) noexcept { pocoSink().setLevel(level); }

LogSink& sink() noexcept { return pocoSink(); }

std::uint64_t lostLines() noexcept { return pocoSink().lost(); }

} // namespace carillon::log
