#pragma once

#include "push/fcm/FcmOptions.h"

#include <array>
#include <cstdint>
#include <mutex>

namespace carillon::push::fcm
{

/// Whether an answer "this address is dead" may be believed.
///
/// A wrong project, key or environment makes FCM and APNs call every address dead, and deleting them loses the patients' devices. So the
/// part of dead answers within a sliding window is watched. Answers that a wrong set-up gives too (another sender, a malformed or sandbox
/// token) need proof to the contrary: accepted pushes in the same window. Thread-safe.
class DeathGuard
{
public:
    explicit DeathGuard(DeathGuardOptions options) : _options(options) {}

    void accepted(SteadyPoint now);

    /// Counts a dead answer; true when the address may be deleted. `isSuspicious`: a wrong set-up would give this answer too.
    bool believes(bool isSuspicious, SteadyPoint now);

private:
    struct Slice
    {
        std::int64_t number = -1;
        std::uint64_t acceptedCount = 0;
        std::uint64_t deadCount = 0;
        std::uint64_t suspiciousCount = 0;
    };

    Slice& sliceAt(SteadyPoint now);
    Slice sum(SteadyPoint now) const;

    const DeathGuardOptions _options;
    mutable std::mutex _mutex;
    std::array<Slice, 10> _slices;
};

} // namespace carillon::push::fcm
