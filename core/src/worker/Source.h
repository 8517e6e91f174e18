#pragma once

#include "metrics/Slot.h"
#include "port/Transport.h"

#include <memory>
#include <string>
#include <vector>

namespace carillon::worker
{

/// A transport that this worker takes from, and how it settles.
struct Source
{
    port::Transport* transport = nullptr;
    std::unique_ptr<port::Consumer> consumer;
    /// Settling is part of the deciding transaction.
    bool joinsStore = false;
    /// Keeps what is to come later itself; else a copy goes through the outbox.
    bool keepsDelays = false;
};

/// A delivery in this process's hands, on the board since it was taken.
struct TakenMessage
{
    port::Delivery delivery;
    metrics::Slot slot;
};

/// Messages of one type and source that go through the chain together.
struct WorkPacket
{
    Source* source = nullptr;
    /// Earlier sources go first.
    std::size_t rank = 0;
    std::string type;
    std::vector<TakenMessage> messages;
};

} // namespace carillon::worker
