#pragma once

#include <chrono>
#include <string>

namespace carillon::sqlite
{

/// Time since the machine's start, suspend included (CLOCK_BOOTTIME): the same in all processes, and no change of the wall clock moves it.
/// So leases are measured with it. It means nothing after a reboot, which the boot id tells. Thread-safe; never blocks.
class BootClock
{
public:
    virtual ~BootClock();
    virtual std::chrono::milliseconds now() const = 0;
    /// Another one after each reboot; 36 characters.
    virtual const std::string& bootId() const = 0;
};

/// The machine's. One instance for the process, valid until its end.
const BootClock& systemBootClock();

} // namespace carillon::sqlite
