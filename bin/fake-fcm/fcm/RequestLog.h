#pragma once

#include "http/Message.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

namespace carillon::fakefcm
{

/// One request as it came and as it was answered.
struct RequestRecord
{
    std::uint64_t sequence = 0;
    std::chrono::system_clock::time_point time; ///< when it was whole
    std::string_view protocol;
    std::uint64_t connection = 0;
    std::int32_t stream = 0;
    std::string method;
    std::string path;
    std::string address;                ///< of a message that could be read
    std::string errorCode;              ///< FCM's or OAuth's, empty on success
    int status = 0;                     ///< 0: no answer, or only a part of one
    std::chrono::milliseconds delay{0}; ///< from `time` to the answer
    std::uint64_t delivered = 0;        ///< the journal's sequence number; 0: not delivered
    bool validateOnly = false;

    std::string toJson() const;
};

/// Every request of the TLS port in order, in memory, and how many had which status. Not thread-safe.
class RequestLog
{
public:
    explicit RequestLog(std::size_t keep) : _keep(keep) {}

    void append(RequestRecord record);

    const std::deque<RequestRecord>& records() const { return _records; }
    std::uint64_t lastSequence() const { return _sequence; }
    const std::array<std::uint64_t, 600>& byStatus() const { return _byStatus; }

    /// Forgets records and counts; sequence numbers go on.
    void clear();

private:
    std::size_t _keep;
    std::uint64_t _sequence = 0;
    std::deque<RequestRecord> _records;
    std::array<std::uint64_t, 600> _byStatus{};
};

} // namespace carillon::fakefcm
