"""Addresses under /zentrum/vorrat/."""

from django.urls import path

from web.centeradmin.supply import deliveries, imports, overview, reserve, waste

urlpatterns = [
    path("", overview.supply, name="supply"),
    path("impfstoff/<slug:vaccine>/", overview.vaccine, name="supply_vaccine"),
    path("lieferung/neu/", deliveries.new, name="supply_new"),
    path("lieferung/<uuid:delivery>/", deliveries.one, name="supply_delivery"),
    path("verlust/", waste.waste, name="supply_waste"),
    path("verlust/<uuid:waste>/zurueck/", waste.take_back, name="supply_waste_back"),
    path("zweite-dosen/", reserve.reserve, name="supply_reserve"),
    path("liste/", imports.deliveries, name="supply_import"),
]
