#pragma once

#include "fcm/MessageView.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>

namespace carillon::fakefcm
{

/// One delivered message, as the journal keeps it.
struct DeliveredMessage
{
    std::chrono::system_clock::time_point time;
    const MessageView& view;
    std::string name; ///< as answered: projects/P/messages/…
    int status =
        200; ///< of the answer; another than 200 when a fault delivers and says otherwise. Whether it got out, the request log says
    std::uint64_t connection = 0;
    std::chrono::milliseconds deviceDelay{0};
};

/// Every delivered message in order: in memory, and, when a file is given, there before the sender is answered.
///
/// Titles and bodies are left out unless `withBodies`. Not thread-safe.
class Journal
{
public:
    struct Entry
    {
        std::uint64_t sequence;
        std::string address;
        std::string line; ///< one JSON object without a line end
    };

    /// `file` may be empty; else lines are appended to it. `keep` entries stay in memory, older ones are dropped.
    /// Throws std::runtime_error that names the file when it cannot be opened.
    Journal(const std::filesystem::path& file, bool withBodies, std::size_t keep);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// Returns the sequence number, from 1. Throws std::runtime_error when the file cannot be written; nothing is recorded then.
    std::uint64_t append(const DeliveredMessage& message);

    const std::deque<Entry>& entries() const { return _entries; }
    std::uint64_t lastSequence() const { return _sequence; }

    /// Forgets the entries in memory; sequence numbers go on and the file keeps its lines.
    void clear() { _entries.clear(); }

private:
    void write(const std::string& line);

    std::filesystem::path _file;
    int _fd = -1;
    bool _withBodies;
    std::size_t _keep;
    std::uint64_t _sequence = 0;
    std::deque<Entry> _entries;
};

} // namespace carillon::fakefcm
