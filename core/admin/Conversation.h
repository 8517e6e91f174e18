#pragma once

#include "admin/Application.h"
#include "admin/Gate.h"

#include <atomic>
#include <chrono>
#include <cstdint>

namespace carillon::admin
{

struct ConversationOptions
{
    std::uint64_t maxBody = 1 << 20;
    /// For the body, and again for sending the answer.
    std::chrono::milliseconds requestTimeout{10000};
    bool keepsAlive = true;
    /// Once true, nobody is waited for any longer.
    const std::atomic<bool>& isCut;
};

/// Answers the one request that has arrived; blocks for the client at most as long as the options say. Gives the connection back when it
/// may bring another request, else it is closed. Never throws.
process::FileDescriptor converse(Arrival arrival, const Application& application, const ConversationOptions& options) noexcept;

} // namespace carillon::admin
