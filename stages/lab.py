"""CIE Lab under D65, to and from sRGB: lightness L in [0, 100], and two numbers of colour, a and b, about -110 to 110.

Images are bytes everywhere outside a network; what looks at their colours apart from their grey comes here.
"""

import numpy as np

WHITE = np.array([0.95047, 1.0, 1.08883])  # D65, XYZ
TO_RGB = np.array(  # linear sRGB of XYZ
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
TO_XYZ = np.linalg.inv(TO_RGB)
EDGE = 6 / 29  # below it, the cube root is a line


def lab_of_rgb(images: np.ndarray) -> np.ndarray:
    """Of sRGB bytes [..., 3], in float64."""
    rgb = images / 255.0
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ TO_XYZ.T / WHITE
    f = np.where(xyz > EDGE**3, np.cbrt(xyz), xyz / (3 * EDGE**2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def rgb_of_lab(lab: np.ndarray) -> np.ndarray:
    """sRGB in [0, 1]; what is outside is cut off."""
    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    xyz = WHITE * np.where(f > EDGE, f**3, 3 * EDGE**2 * (f - 4 / 29))
    linear = np.clip(xyz @ TO_RGB.T, 0, 1)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


def grey(images: np.ndarray) -> np.ndarray:
    """The same sRGB bytes [..., 3] without their colours."""
    lab = lab_of_rgb(images)
    lab[..., 1:] = 0
    return np.rint(255 * rgb_of_lab(lab)).astype(np.uint8)
