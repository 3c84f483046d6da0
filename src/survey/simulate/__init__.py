"""The simulated study that ships with the project, and the truth behind it. Simulated data / dữ liệu mô phỏng.

A city of ten invented wards is made from a seed: everyone in it has answers to the whole instrument at both waves,
samples are drawn as they would be in the field, and known problems are planted. `write_study` writes what a
researcher would receive; `truth` and `planted` tell what an analysis of it should find.
"""

from survey.simulate.city_map import city_map, draw_city
from survey.simulate.plant import PLANTED
from survey.simulate.settings import DEFAULT_SEED, NO_EFFECT, Effects
from survey.simulate.truth import population_values, scores
from survey.simulate.world import World, build
from survey.simulate.write import planted, truth, write_study, write_world

__all__ = [
    "DEFAULT_SEED",
    "NO_EFFECT",
    "PLANTED",
    "Effects",
    "World",
    "build",
    "city_map",
    "draw_city",
    "planted",
    "population_values",
    "scores",
    "truth",
    "write_study",
    "write_world",
]
