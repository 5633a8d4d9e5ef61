"""What the numbers were measured on."""

import os
import platform
import subprocess


def describe(directory):
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown CPU")
    with open("/etc/os-release") as file:
        system = next((line.split("=", 1)[1].strip().strip('"') for line in file if line.startswith("PRETTY_NAME")), "")
    kind = subprocess.run(["stat", "-f", "-c", "%T", directory], capture_output=True, text=True).stdout.strip()
    return (f"{os.cpu_count()} × {model}, Linux {platform.release()}, {system}; {kind} at {directory}; "
            f"load {os.getloadavg()[0]:.1f} at the start")
