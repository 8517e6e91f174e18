#include "sqlite/BootClock.h"

#include "carillon/Errors.h"

#include <ctime>
#include <fstream>

namespace carillon::sqlite
{
namespace
{

constexpr const char* bootIdFile = "/proc/sys/kernel/random/boot_id";

class SystemBootClock final : public BootClock
{
public:
    SystemBootClock()
    {
        std::ifstream file(bootIdFile);
        std::getline(file, _bootId);
        if (_bootId.size() != 36)
            throw ConfigurationError(std::string(bootIdFile) + " cannot be read, so leases could not tell a reboot; mount /proc");
    }

    std::chrono::milliseconds now() const override
    {
        timespec time{};
        clock_gettime(CLOCK_BOOTTIME, &time);
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::seconds(time.tv_sec) +
                                                                     std::chrono::nanoseconds(time.tv_nsec));
    }

    const std::string& bootId() const override { return _bootId; }

private:
    std::string _bootId;
};

} // namespace

BootClock::~BootClock() = default;

const BootClock& systemBootClock()
{
    static const SystemBootClock clock;
    return clock;
}

} // namespace carillon::sqlite
