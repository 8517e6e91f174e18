#pragma once

#include "plugin/Manifest.h"

#include <map>
#include <string>

namespace carillon::plugin
{

/// Which names the plugins of a set have taken, and by whom. The first one keeps a name.
class TakenNames
{
public:
    /// Throws Refused naming both plugins when a name, type, middleware or schedule is taken; nothing is claimed then.
    void claim(const Manifest& manifest);

private:
    /// By kind and name: `type notification.send`; the value says who.
    std::map<std::string, std::string> _owners;
};

} // namespace carillon::plugin
